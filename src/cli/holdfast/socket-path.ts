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
  // Its folder outlives the server.
  return hasOwn || !existsSync(dirname(machines)) ? own : machines;
}

/** Whether a user who is not root means the machine's server by this. */
export function isMachines(socket: string, env: NodeJS.ProcessEnv, uid = process.geteuid?.() ?? 0): boolean {
  return uid !== 0 && socket === socketOf(env, 0);
}

function socketOf(env: NodeJS.ProcessEnv, uid: number): string {
  return join(defaultDirectories({ env, uid }).runtimeDir, 'control');
}

/** What `holdfast login` and `holdfast certificate` leave there. */
const NO_CONFIG = [HOSTS_FILE, `${HOSTS_FILE}.lock`, 'tls'];

/** The folder is there, and not only for those. */
function hasConfig(folder: string): boolean {
  try {
    const names = readdirSync(folder);
    return names.length === 0 || names.some((name) => !NO_CONFIG.includes(name));
  } catch {
    return existsSync(folder);
  }
}
