/**
 * The host server on a holder in memory: the real ConsoleHost, HolderLink and Holder, over the real frames, on a fake kernel and a
 * clock that the test drives. Servers and holders die and are followed by others, as on a machine.
 */
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { HostConsole } from '../../src/console/host-console.ts';
import { Events } from '../../src/host/events.ts';
import { Orphans } from '../../src/host/orphans.ts';
import { type Actor, Instance } from '../../src/listeners/procserv/instance.ts';
import type { ProcServSettings } from '../../src/listeners/procserv/settings.ts';
import type { HoldInfo } from '../../src/model/api.ts';
import type { ConsoleConfig, HostConfig } from '../../src/model/config.ts';
import type { Death } from '../../src/model/death.ts';
import type { HostEvent } from '../../src/model/events.ts';
import type { HostService } from '../../src/model/host-service.ts';
import { MemoryBudget } from '../../src/model/memory-budget.ts';
import { ANONYMOUS } from '../../src/model/principal.ts';
import type { GuardPort } from '../../src/model/rights-port.ts';
import type { Clock } from '../../src/platform/time/clock.ts';
import { KeyPace } from '../../src/platform/time/key-pace.ts';
import type { HolderAccess } from '../../src/remote/holder-access.ts';
import { FakeClock, type FakeProcessClock } from './fake-clock.ts';
import type { FakeChild } from './fake-kernel.ts';
import { MemoryHolder } from './memory-holder.ts';
import { person } from './principals.ts';

// The bundler's constant, for sources that run as they are.
Object.assign(globalThis, { HOLDFAST_VERSION: 'test' });
const { HolderLink } = await import('../../src/remote/holder-link.ts');
const { ConsoleHost } = await import('../../src/host/console-host.ts');
type HolderLink = InstanceType<typeof HolderLink>;
type ConsoleHost = InstanceType<typeof ConsoleHost>;

/** Far more than any test leaves unread. */
const LAG_MEMORY_BYTES = 64 << 20;
const CTRL_T = 0x14;
const CTRL_X = 0x18;
/** Turns of the event loop after which everything that only waits for turns has happened. */
const TURNS = 40;

export const OPERATOR = person('vera');

/** The content of an EventLog on disk, across the deaths of servers. */
export class MemoryHistory {
  readonly events: HostEvent[] = [];
  readonly since = undefined;

  get newest(): number {
    return this.events.length;
  }

  async find(matches: (event: HostEvent) => boolean, limit: number): Promise<readonly HostEvent[]> {
    return limit === 0 ? [] : this.events.filter(matches).slice(-limit);
  }

  /** The deaths of a console's children, oldest first. */
  deaths(console: string): readonly Death[] {
    return this.events.flatMap((event) => (event.type === 'ended' && event.console === console ? [event.death] : []));
  }
}

/** A `run` console that logs nothing; its program is its name. */
export function consoleConfig(name: string, given: Partial<ConsoleConfig> = {}): ConsoleConfig {
  return {
    name,
    place: { file: 'holdfast.toml', line: 1 },
    source: { kind: 'run', argv: [name] },
    ...{ env: {}, envFile: [], limits: {}, after: [], groups: [], endpoints: [], labels: {}, description: '' },
    restart: { mode: 'always', holdoff: 1000 },
    start: true,
    stop: [{ signal: 15 }, { wait: 5000 }],
    history: 20,
    ignore: '',
    keys: { kill: '^X', toggle: '^T', logout: '' },
    ...given,
  };
}

export function hostConfig(consoles: readonly ConsoleConfig[]): HostConfig {
  return {
    server: {
      ...{ runtimeDir: '/run/holdfast', stateDir: '/var/lib/holdfast', logDir: '/var/log/holdfast' },
      ...{ controlMode: 0o660, startAtOnce: 1, logDelay: 0, eventsKeep: 1 << 20 },
    },
    ...{ consoles, isis: [], files: ['holdfast.toml'], unread: [] },
  };
}

/** One life of the server. */
interface Server {
  readonly clock: FakeProcessClock;
  readonly link: HolderLink;
  readonly host: ConsoleHost;
  readonly endpoints: KeysInMemory;
  readonly budget: MemoryBudget;
  readonly connections: readonly Duplex[];
}

export class MemoryHost {
  readonly clock = new FakeClock();
  readonly holder = new MemoryHolder(this.clock);
  readonly history = new MemoryHistory();
  /** The files on disk, as the next apply finds them. */
  config: HostConfig;
  /** A console has come, or come again with a new server; it has gone. */
  added: (name: string) => unknown = () => undefined;
  removed: (name: string) => unknown = () => undefined;
  /** The look-ups of a start take until the test calls `finishLookups`. */
  slowLookups = false;
  #lookups: (() => void)[] = [];
  #holds: ReadonlyMap<string, HoldInfo> = new Map();
  #server: Server | undefined;

  readonly #services: ((clock: Clock, events: Events) => readonly HostService[]) | undefined;

  readonly #rights: GuardPort | undefined;

  /** `services`: in place of the keys in memory; without `rights` everybody may do everything. */
  constructor(
    consoles: readonly ConsoleConfig[],
    services?: (clock: Clock, events: Events) => readonly HostService[],
    rights?: GuardPort,
  ) {
    this.#rights = rights;
    this.config = hostConfig(consoles);
    this.#services = services;
  }

  /** A host that is up. */
  static async started(...parts: ConstructorParameters<typeof MemoryHost>): Promise<MemoryHost> {
    const made = new MemoryHost(...parts);
    made.up();
    await made.settle();
    return made;
  }

  get host(): ConsoleHost {
    return this.#running.host;
  }

  /** As `host`; undefined while none runs. */
  get current(): ConsoleHost | undefined {
    return this.#server?.host;
  }

  get link(): HolderLink {
    return this.#running.link;
  }

  get budget(): MemoryBudget {
    return this.#running.budget;
  }

  /** Keys are struck at a procServ endpoint of a console. */
  strike(name: string, keys: Uint8Array): void {
    this.#running.endpoints.strike(name, keys);
  }

  /** Timers of the server that runs. */
  get timers(): number {
    return this.#running.clock.pending;
  }

  get #running(): Server {
    if (!this.#server) {
      throw new Error('no server runs');
    }
    return this.#server;
  }

  /** Starts a server, which takes the consoles over from the holder; `consoles`: it read others than are on disk now. */
  up(consoles = this.config.consoles): void {
    const clock = this.clock.process();
    const { history } = this;
    const events = new Events(() => clock.now(), history.newest);
    // Further actions of a dead server are ignored.
    events.listen((event) => clock.over || history.events.push(event));
    const budget = new MemoryBudget(
      LAG_MEMORY_BYTES,
      () => clock.now(),
      () => undefined,
    );
    const connections: Duplex[] = [];
    const link = new HolderLink({
      ...{ holder: accessOf(this.holder, clock, connections), logDelay: 0, budget, clock },
      lost: () => void events.add({ type: 'holder', what: 'lost' }),
      found: (living, ended) => void events.add({ type: 'holder', what: 'found', living, ended }),
      trouble: (text) => void events.add({ type: 'holder', text }),
    });
    const endpoints = new KeysInMemory(clock);
    const host: ConsoleHost = new ConsoleHost({
      ...{ config: hostConfig(consoles), events, history, clock },
      files: {
        load: async () => ({ config: this.config, problems: [], warnings: [] }),
        applied: () => undefined,
      },
      holds: {
        read: async () => ({ holds: this.#holds, doubtful: false }),
        write: async (holds) => {
          this.#holds = holds;
        },
      },
      about: { tell: () => Promise.reject(new Error('not asked for in memory')) },
      childSpec: ({ source, stop, after, stripHigh }, { waits }) => {
        const argv = source.kind === 'run' ? source.argv : [];
        const spec = {
          file: argv[0] ?? '',
          argv,
          stop: { steps: stop, before: after },
          ...(stripHigh && { stripHigh }),
        };
        if (!this.slowLookups) {
          return spec;
        }
        waits('the directory');
        return new Promise((resolve) => this.#lookups.push(() => resolve(spec)));
      },
      openSerial: () => Promise.reject(new Error('there is no serial line in memory')),
      makeCodec: () => ({ receive: (bytes) => bytes, encode: (bytes) => bytes }),
      memoryRanOut: () => false,
      backends: link,
      rights: this.#rights,
    });
    const watcher: HostService = {
      name: 'test',
      consoleCame: ({ name }) => clock.over || this.added(name),
      consoleWent: (name) => clock.over || this.removed(name),
      close: async () => undefined,
    };
    const orphans = new Orphans({ holder: link, discarded: () => undefined, leftAlone: () => undefined });
    host.serve([watcher, orphans, ...(this.#services?.(clock, events) ?? [endpoints])]);
    Promise.all([link.open(), host.open([...history.events])])
      .then(() => host.openServices('after consoles'))
      .catch(({ message }: Error) => events.add({ type: 'server', text: `goes down: ${message}` }));
    this.#server = { clock, link, host, endpoints, budget, connections };
  }

  finishLookups(): void {
    for (const answer of this.#lookups.splice(0)) {
      answer();
    }
  }

  /** The server is killed; the holder and its children go on. */
  killServer(): void {
    const { clock, link, connections } = this.#running;
    clock.end();
    link.close();
    for (const connection of connections) {
      connection.destroy();
    }
    this.#server = undefined;
  }

  /** The child that runs for a console. */
  child(name: string): FakeChild | undefined {
    return this.children(name)[0];
  }

  /** All that live for a console: one, if all is well. */
  children(name: string): readonly FakeChild[] {
    const ofConsole = ({ request, alive }: FakeChild) => alive && request.file === name;
    return this.holder.kernels.flatMap(({ children }) => children.filter(ofConsole));
  }

  /** Those that live, or whose end is not reported yet. */
  present(name: string): readonly FakeChild[] {
    const isThere = ({ request, alive, open }: FakeChild) => (alive || open) && request.file === name;
    return this.holder.kernels.flatMap(({ children }) => children.filter(isThere));
  }

  /** Lets everything happen that does not wait for time. */
  async settle(): Promise<void> {
    for (let n = 0; n < TURNS; n++) {
      await turn();
    }
  }

  /** Lets time pass, and what it brings happen. */
  async pass(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await this.settle();
  }
}

/** The procServ side of every console, without sockets. */
class KeysInMemory implements HostService {
  readonly name = 'endpoints';
  readonly #consoles = new Map<string, { readonly instance: Instance; readonly console: HostConsole }>();
  readonly #clock: Clock;
  readonly #pace: KeyPace;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pace = new KeyPace(clock);
  }

  consoleCame(console: HostConsole): void {
    const { name } = console;
    const settings: ProcServSettings = {
      ...{ name, command: name, child: { file: name, argv: [name] }, argv0: 'holdfast', version: '0' },
      ...{ directory: '/', childDirectory: '/', quitHelp: '', whenStopped: 'as it was told to' },
      ...{ killKey: CTRL_X, toggleKey: CTRL_T, logoutKey: undefined, toggleCycle: ['always', 'never'], killSignal: 9 },
      ...{ timeFormat: '%c', history: 20 },
    };
    const instance = new Instance(settings, console.supervised, this.#clock, {
      keys: this.#pace.console(),
      enter: (by, options, sink) => console.enter(by, options, sink),
      announces: true,
      quit: (status) => (status === null ? void console.stop(ANONYMOUS) : undefined),
      obstacle: () => (console.hold ? 'held' : undefined),
    });
    this.#consoles.set(name, { instance, console });
  }

  consoleWent(name: string): void {
    this.#consoles.delete(name);
  }

  strike(name: string, keys: Uint8Array): void {
    const { instance, console } = this.#consoles.get(name) ?? {};
    if (!instance || !console?.hasBegun) {
      // Nobody has entered it yet.
      return;
    }
    const write = (bytes: Uint8Array) => {
      console.supervised.type(bytes);
      return true;
    };
    const act: Actor['act'] = (verb, ...how) => console.act(ANONYMOUS, verb, ...how);
    instance.input({ ask: () => undefined, act, write }, keys, keys.length, 'bytes');
  }

  async close(): Promise<void> {}
}

/** A process's use of the holder until its death. */
function accessOf(holder: MemoryHolder, clock: FakeProcessClock, connections: Duplex[]): HolderAccess {
  const never = new Promise<never>(() => undefined);
  return {
    connect: async (received, reached) => {
      const connection = await (clock.over ? never : holder.connect(received, reached));
      if (clock.over) {
        connection.destroy();
        return never;
      }
      connections.push(connection);
      return connection;
    },
    start: () => (clock.over ? never : holder.start()),
  };
}
