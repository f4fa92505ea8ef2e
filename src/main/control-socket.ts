/** The control socket of a host server: where it is, who may open it, and that it is the one which the caller means. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { UpOptions } from '../cli/holdfast/command/command.ts';
import { UsageError } from '../cli/holdfast/command/exit-codes.ts';
import type { ServerConfig } from '../model/config.ts';
import { HoldfastError } from '../model/errors.ts';
import { native } from '../platform/native.ts';
import { type Listening, listenOn } from '../platform/net/listen.ts';
import { activatedSockets } from '../systemd/activation.ts';

export function controlPath({ runtimeDir }: ServerConfig): string {
  return join(runtimeDir, 'control');
}

/** Throws a UsageError where another socket was asked for: it is what keeps two servers from one configuration. */
export function refuseOtherSocket(wanted: UpOptions['socket'], server: ServerConfig): void {
  const path = controlPath(server);
  if (wanted && real(wanted.path) !== real(path)) {
    throw new UsageError(
      `${wanted.by} says ${wanted.path}, but this server listens on ${path}: 'runtime_dir' of [server] decides that; ` +
        `set it to ${dirname(resolve(wanted.path))}, or leave ${wanted.by} out`,
    );
  }
}

export interface ControlSocket extends Listening {
  /** It is a unit of the manager's. */
  readonly activated: boolean;
}

/** The one thing that two servers with the same configuration cannot both have. */
export function openControlSocket(server: ServerConfig): ControlSocket {
  const path = controlPath(server);
  const activated = activatedSockets(process.env).get('control');
  if (activated !== undefined) {
    // The manager's: it stays when we go, and who comes in between waits for the next server.
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

/** `/var/run` is a link to `/run`. The socket itself need not be there yet. */
function real(path: string): string {
  const folder = dirname(resolve(path));
  try {
    return join(realpathSync(folder), basename(path));
  } catch {
    return join(folder, basename(path));
  }
}
