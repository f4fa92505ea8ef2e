/** Which instances: those of the system or those of a user (spec/procserv.md 11). */

import { join } from 'node:path';
import { ownHome } from '../../platform/process/own-account.ts';
import { type Outside, Refused } from './outside.ts';

export interface Scope {
  readonly flag: '--system' | '--user';
  /** `<base>.conf` and `<base>.d/*.conf` are the configuration. */
  readonly base: string;
  /** Of one instance: its info file and its socket. */
  runDirectory(name: string): string;
}

/** `flag` as given; without one root means the system. */
export function scopeOf(flag: string | undefined, { env, uid, etc }: Outside): Scope {
  if (flag === '--system' || (flag === undefined && uid === 0)) {
    return { flag: '--system', base: join(etc, 'procServ'), runDirectory: (name) => `/run/procserv-${name}` };
  }
  return {
    flag: '--user',
    base: join(ownHome(env), '.config/procServ'),
    runDirectory(name) {
      const runtime = env.XDG_RUNTIME_DIR;
      if (!runtime?.startsWith('/')) {
        throw new Refused('XDG_RUNTIME_DIR is not set: log in with a session of systemd, or set it to /run/user/UID');
      }
      return join(runtime, `procserv-${name}`);
    },
  };
}
