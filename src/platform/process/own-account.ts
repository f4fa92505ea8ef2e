/** The account of this process. An id without an entry in the user directory, as in a container, has neither name nor home. */
import { homedir, userInfo } from 'node:os';

/** `$HOME`, that of the user directory, or `/`. */
export function ownHome(env: NodeJS.ProcessEnv): string {
  return env.HOME || known(homedir) || '/';
}

/** Login name; undefined where there is none. */
export function ownName(): string | undefined {
  return known(() => userInfo().username);
}

/** The shell of this user. */
export function ownShell(): string {
  return known(() => userInfo().shell) || '/bin/sh';
}

function known<Answer>(look: () => Answer): Answer | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
