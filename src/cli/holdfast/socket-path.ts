/** Where this user's control socket is: the same answer for the server that makes it and the commands that look for it. */
import { join } from 'node:path';
import { defaultDirectories } from '../../platform/config-files.ts';

/** `$HOLDFAST_SOCKET`, else the one in the runtime directory that a server of this user has by default. */
export function controlSocket(env: NodeJS.ProcessEnv, uid: number): string {
  return env.HOLDFAST_SOCKET || join(defaultDirectories({ env, uid }).runtimeDir, 'control');
}
