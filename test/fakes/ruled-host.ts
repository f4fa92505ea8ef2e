/** A host in memory whose `[access]` is a text: the real AccessControl, reloaded like a service, in front of its sessions. */
import type { Memberships } from '../../src/access/group-member.ts';
import { AccessControl } from '../../src/host/access-control.ts';
import { type AuditPort, NO_AUDIT } from '../../src/host/audit-port.ts';
import type { Events } from '../../src/host/events.ts';
import { guardOf } from '../../src/host/guard.ts';
import type { AccessConfig } from '../../src/model/access-config.ts';
import type { ConsoleConfig } from '../../src/model/config.ts';
import type { HostService } from '../../src/model/host-service.ts';
import type { Clock } from '../../src/platform/time/clock.ts';
import { accepted } from '../harness/read-config.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryHost } from './memory-host.ts';

/** Nobody in a test has it: not even root is outside of the rules by being the server. */
const OWN_UID = 4_000_000;

export function accessOf(text: string): AccessConfig | undefined {
  return accepted(`${text}\n[console.any]\nrun = ["/bin/true"]\n`).access;
}

export interface RuledHost {
  readonly world: MemoryHost;
  readonly access: AccessControl;
  /** Other rules, from now on. */
  rule(text: string): Promise<void>;
}

interface More {
  /** The services of a server that comes up. */
  readonly services?: (parts: {
    readonly clock: Clock;
    readonly events: Events;
    readonly access: AccessControl;
  }) => readonly HostService[];
  readonly audit?: AuditPort;
  readonly memberships?: Pick<Memberships, 'has' | 'learn'>;
  /** Of the rules, which may have hours. */
  readonly clock?: Clock;
}

/** No server is up yet. */
export function ruledHost(
  consoles: readonly ConsoleConfig[],
  rules: string,
  { services, audit = NO_AUDIT, clock = new FakeClock(), memberships }: More = {},
): RuledHost {
  const access = new AccessControl({
    first: accessOf(rules),
    changed: () => world.host.reviewSessions(),
    groupsOf: (name) => world.host.find(name)?.config.groups ?? [],
    memberships: memberships ?? { has: () => false, learn: async () => undefined },
    people: () => world.host.people,
    ownUid: OWN_UID,
    clock,
  });
  const world: MemoryHost = new MemoryHost(
    consoles,
    services && ((own, events) => services({ clock: own, events, access })),
    guardOf({ access, audit }),
  );
  const rule = async (text: string) => {
    const next = accessOf(text);
    await access.apply(next ? { access: next } : {});
  };
  return { world, access, rule };
}
