/** Where this user's control socket is: the same answer for the server that makes it and the commands that look for it. */
import { join } from 'node:path';

const NAME = 'control';

/** `$HOLDFAST_SOCKET`, else `/run/holdfast/control` for root, else the one in the user's runtime folder. */
export function controlSocket(env: Readonly<Record<string, string | undefined>>, uid: number): string {
  if (env.HOLDFAST_SOCKET) {
    return env.HOLDFAST_SOCKET;
  }
  if (uid === 0) {
    return join('/run/holdfast', NAME);
  }
  return join(env.XDG_RUNTIME_DIR || `/run/user/${uid}`, 'holdfast', NAME);
}
