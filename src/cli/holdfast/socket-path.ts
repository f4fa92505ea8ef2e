/** Where the control socket is that this user means. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configPlace, defaultDirectories, HOSTS_FILE } from '../../config/config-files.ts';

/**
 * `$HOLDFAST_SOCKET`, otherwise that of a server of this user, otherwise the machine's: an operator without a server or
 * configuration means the one that an operators' group may use. A user with either never reaches the machine's by
 * accident. `machines`: the machine's.
 */
export function controlSocket(env: NodeJS.ProcessEnv, uid: number, machines = socketOf(env, 0)): string {
  if (env.HOLDFAST_SOCKET) {
    return env.HOLDFAST_SOCKET;
  }
  const own = socketOf(env, uid);
  const hasOwn = existsSync(own) || hasConfig(dirname(configPlace(undefined, { env, uid }).main));
  return hasOwn || !existsSync(machines) ? own : machines;
}

function socketOf(env: NodeJS.ProcessEnv, uid: number): string {
  return join(defaultDirectories({ env, uid }).runtimeDir, 'control');
}

/** The folder is there, and not only because of `holdfast login`. */
function hasConfig(folder: string): boolean {
  try {
    const names = readdirSync(folder).filter((name) => name !== `${HOSTS_FILE}.lock`);
    return names.length !== 1 || names[0] !== HOSTS_FILE;
  } catch {
    return existsSync(folder);
  }
}
