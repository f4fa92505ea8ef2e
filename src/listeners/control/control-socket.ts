/** The control socket of a host server: its path and its permissions. */
import { join } from 'node:path';
import type { ServerConfig } from '../../model/config.ts';
import { HoldfastError } from '../../model/errors.ts';
import { native } from '../../platform/native.ts';
import { type Listening, listenOn } from '../../platform/net/listen.ts';

export function controlPath({ runtimeDir }: Pick<ServerConfig, 'runtimeDir'>): string {
  return join(runtimeDir, 'control');
}

export interface ControlSocket extends Listening {
  /** It is a unit of the service manager. */
  readonly activated: boolean;
}

/**
 * Opens it, or takes the descriptor under which the service manager has. Two servers with the same configuration cannot both have it:
 * the second one throws.
 */
export function openControlSocket(server: ServerConfig, activated: number | undefined): ControlSocket {
  const path = controlPath(server);
  if (activated !== undefined) {
    // The manager's: it stays when we go, and clients that connect meanwhile wait for the next server.
    const endpoint = { kind: 'unix', path, mode: server.controlMode } as const;
    return { fd: activated, endpoint, unlink: () => undefined, activated: true };
  }
  const gid = server.controlGroup === undefined ? process.getgid?.() : native.groupByName(server.controlGroup);
  if (gid === undefined) {
    throw new HoldfastError('HF_BAD_CONFIG', `server.control_group: there is no group '${server.controlGroup}'`);
  }
  const listening = listenOn({ kind: 'unix', path, mode: server.controlMode }, { uid: process.getuid?.() ?? 0, gid });
  return { ...listening, activated: false };
}
