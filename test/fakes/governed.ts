/** A host in memory with an `[access]`. */
import { AccessControl } from '../../src/host/access-control.ts';
import type { Guarded } from '../../src/host/guarded-host.ts';
import type { UserEntry } from '../../src/platform/native.ts';
import { accepted } from '../harness/read-config.ts';
import { FakeClock } from './fake-clock.ts';
import type { FakeHost } from './fake-host.ts';
import { openParts } from './open-door.ts';

/** Users of the system, besides root. */
const USERS = ['vera', 'jo', 'service'];
const FIRST_UID = 1000;
/** The server runs as `service`. */
export const OWN_UID = FIRST_UID + USERS.indexOf('service');

export interface Governed extends Guarded {
  readonly access: AccessControl;
}

/** `rules`: as in /etc/h/a.toml. `members`: of groups of the system. */
export function governed(
  host: FakeHost,
  rules: string,
  members: Readonly<Record<string, readonly string[]>> = {},
): Governed {
  const access = new AccessControl({
    first: accepted(`${rules}\n[console.any]\nrun = ["/bin/true"]\n`).access,
    changed: () => undefined,
    groupsOf: (name) => host.consoles.get(name)?.detail().groups ?? [],
    memberships: { has: (user, group) => members[group]?.includes(user) === true, learn: async () => undefined },
    users: {
      userByName: async (name) => entryOf(name),
      groupByName: async (name) => (Object.hasOwn(members, name) ? 1 : undefined),
    },
    ownUid: OWN_UID,
    clock: new FakeClock(),
  });
  return { ...openParts(host), access };
}

function entryOf(name: string): UserEntry | undefined {
  const at = USERS.indexOf(name);
  const uid = name === 'root' ? 0 : at < 0 ? undefined : FIRST_UID + at;
  return uid === undefined ? undefined : { name, uid, gid: uid, home: '/', shell: '/bin/sh' };
}
