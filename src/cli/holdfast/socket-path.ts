/** Where the control socket is that this user means. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configPlace, defaultDirectories } from '../../config/config-files.ts';

/**
 * `$HOLDFAST_SOCKET`, else that of a server of this user, else the machine's: an operator runs no server and has no
 * configuration, and means the one that may be restarted by his group. Who has either never reaches the machine's by accident.
 */
export function controlSocket(env: NodeJS.ProcessEnv, uid: number): string {
  const of = (owner: number) => join(defaultDirectories({ env, uid: owner }).runtimeDir, 'control');
  if (env.HOLDFAST_SOCKET) {
    return env.HOLDFAST_SOCKET;
  }
  const own = of(uid);
  const hasOwn = existsSync(own) || existsSync(dirname(configPlace(undefined, { env, uid }).main));
  return hasOwn || !existsSync(of(0)) ? own : of(0);
}
