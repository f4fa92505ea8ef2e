/** A way in, as the table test over all of them sees it: each verb, and how it is tried there. */
import type { TestContext } from 'node:test';
import type { AccessControl } from '../../../src/host/access-control.ts';
import type { AuditPort } from '../../../src/host/audit-port.ts';
import type { ConsoleConfig } from '../../../src/model/config.ts';
import type { HostDoor } from '../../../src/model/host-port.ts';
import type { HostService } from '../../../src/model/host-service.ts';
import type { IsisPort } from '../../../src/model/isis-port.ts';
import type { Principal } from '../../../src/model/principal.ts';
import { self } from '../../../src/model/principal.ts';
import type { Verb } from '../../../src/model/rights.ts';
import type { TokensPort } from '../../../src/model/token-port.ts';
import type { Clock } from '../../../src/platform/time/clock.ts';
import { FakeSink } from '../../fakes/fake-sink.ts';
import { consoleConfig, type MemoryHost } from '../../fakes/memory-host.ts';
import { ruledHost } from '../../fakes/ruled-host.ts';
import { atEnd } from '../at-end.ts';
import { until } from '../until.ts';

// After the version that the fakes define.
const { Door } = await import('../../../src/host/door.ts');

/** One verb through one door. */
export interface Offer {
  /** Its console, or the ISIS server, as rules name it; absent: the host. */
  readonly on?: string;
  /** A verb that the user needs before trying this one. */
  readonly needs?: readonly Verb[];
  /** The refusal is recorded as one of this verb, whose right is the same. */
  readonly recordedAs?: Verb;
  /** The consoles that may not be touched are left out: nobody is told, and nothing is recorded. */
  readonly leavesOut?: true;
  /** Tries it; resolves with whether it was done, not refused. */
  readonly attempt: () => Promise<boolean>;
}

/** Every verb: how it is tried, or why it cannot be. */
export type Offers = { readonly [V in Verb]: Offer | string };

export interface OpenDoor {
  /** The user who enters there. */
  readonly by: Principal;
  readonly offers: Offers;
  /** Operations that the door offers and that no attempt covers. */
  readonly untried?: () => readonly string[];
}

export interface Door {
  /** The services that it consists of, by the names of their classes. */
  readonly services: readonly string[];
  /** Why rules hold for nobody there. */
  readonly outside?: string;
  readonly open: (t: TestContext, rules: string) => Promise<OpenDoor>;
}

export interface Site {
  readonly world: MemoryHost;
  readonly access: AccessControl;
  readonly door: HostDoor;
}

const ISIS: IsisPort = {
  list: async () => [{ name: 'mods', state: 'up' } as never],
  hosts: async () => [],
  ports: async () => ({}) as never,
  send: async () => ({}) as never,
  ping: async () => ({}) as never,
  watch: async function* () {},
};

const TOKENS: TokensPort = {
  create: async () => ({ id: 't1', token: 'hft_x' }) as never,
  list: async () => [{ id: 't1', user: 'vera' } as never, { id: 't2', user: 'jo' } as never],
  revoke: async (id) => ({ id }) as never,
};

/** Refusals, by verb; reset by the reader. */
export const REFUSED: Verb[] = [];

const AUDIT: AuditPort = {
  mayDo: async () => undefined,
  done: () => undefined,
  failed: () => undefined,
  refused: ({ verb }) => REFUSED.push(verb),
};

/** A running console for each of these, `vac-VERB`; the tries of one do not disturb those of another. */
export function consolesFor(verbs: readonly Verb[], given: (verb: Verb) => Partial<ConsoleConfig> = () => ({})) {
  return verbs.map((verb) => consoleConfig(nameFor(verb), { restart: { mode: 'never', holdoff: 0 }, ...given(verb) }));
}

export function nameFor(verb: Verb): string {
  return `vac-${verb}`;
}

/** `by`: in place of whom the door finds, where that is the user of the test. */
export async function site(
  t: TestContext,
  rules: string,
  consoles: readonly ConsoleConfig[],
  services: (parts: { readonly clock: Clock; readonly door: HostDoor }) => readonly HostService[],
  by?: Principal,
): Promise<Site> {
  const doorOf = (rights: AccessControl): HostDoor => ({
    as: (found) =>
      new Door({ host: world.host, isis: ISIS, tokens: TOKENS, access: rights, audit: AUDIT }).as(by ?? found),
  });
  const { world, access } = ruledHost(consoles, rules, {
    services: ({ clock, access: rights }) => services({ clock, door: doorOf(rights) }),
    audit: AUDIT,
  });
  atEnd(t, async () => {
    const closing = world.host.closeServices();
    for (let round = 0; round < 3; round++) {
      await world.pass(20_000);
    }
    await closing;
    world.killServer();
  });
  world.up();
  await world.settle();
  await world.pass(1000);
  return { world, access, door: doorOf(access) };
}

/** Somebody whom no rule is about has the keyboard there. */
export async function holdKeyboard({ world }: Site, name: string): Promise<void> {
  const sink = new FakeSink();
  world.host.enter(name, self('a test'), { mode: 'write' }, sink);
  await until('the keyboard', () => (sink.session?.writer ? true : undefined));
}
