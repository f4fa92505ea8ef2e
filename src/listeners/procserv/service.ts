/** Serves the procServ endpoints of the consoles, and gives every process its procServ announcements. */

import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { principalOf } from '../../access/peer.ts';
import type { UnopenedEndpoint } from '../../model/api.ts';
import type { ConsolePort } from '../../model/console-port.ts';
import { notationOf } from '../../model/endpoint.ts';
import { isEndpoint, parseEndpoint } from '../../model/endpoint-notation.ts';
import { HoldfastError } from '../../model/errors.ts';
import type { HostService } from '../../model/host-service.ts';
import { parseKey } from '../../model/key-spec.ts';
import { holdText } from '../../model/printable.ts';
import type { Right } from '../../model/rights.ts';
import { SIGKILL } from '../../model/signals.ts';
import { PROCSERV_VERSION } from '../../model/version.ts';
import { openFolder } from '../../platform/files/folder.ts';
import { ListenError, type Listening, listenOn } from '../../platform/net/listen.ts';
import type { DescriptorGuard } from '../../platform/process/descriptors.ts';
import { strftime } from '../../platform/strftime.ts';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import { KeyPace } from '../../platform/time/key-pace.ts';
import { Acceptor, type Port } from './acceptor.ts';
import { EndpointOwners, OwnerAsked } from './endpoint-owners.ts';
import { type Actor, Instance } from './instance.ts';
import { BOUND_CHANGED, NO_DESCRIPTORS } from './messages.ts';
import type { ProcServSettings } from './settings.ts';

const LOOPBACK = '127.0.0.1';
const CTRL_Q = 0x11;
/** How long the end of an endpoint waits for its readers. */
const LAST_BYTES_MS = 500;
/** The time until an endpoint that could not be opened is retried. */
const RETRY_DELAY_MS = 1000;

interface OpenEndpoint {
  readonly listening: Listening;
  readonly port: Port;
  /** The most that may be done there; absent: whatever one has a right to. */
  may: readonly Right[] | undefined;
}

interface Unopened {
  readonly reason: string;
  /** Whether the reason is known yet. */
  readonly still: () => boolean;
  /** An answer is expected soon: not worth reporting. */
  readonly soon: boolean;
}

interface ServedConsole {
  readonly console: ConsolePort;
  readonly instance: Instance;
  readonly acceptor: Acceptor;
  readonly open: Map<string, OpenEndpoint>;
  /** Why the others are not open. */
  readonly unopened: Map<string, Unopened>;
  again: Timer | undefined;
}

export class ProcServService implements HostService {
  readonly name = 'endpoints';
  readonly #kept = new Map<string, ServedConsole>();
  readonly #clock: Clock;
  readonly #keyPace: KeyPace;
  readonly #trouble: (console: string, message: string) => void;
  readonly #guard: DescriptorGuard;
  readonly #owners: EndpointOwners;

  /**
   * `trouble` is called for endpoints that cannot be opened, once for each reason, and when they are open at last: the
   * console still runs. Another program may have the port for now, such as the procServ that this replaces.
   */
  constructor(clock: Clock, trouble: (console: string, message: string) => void, guard: DescriptorGuard) {
    this.#clock = clock;
    this.#keyPace = new KeyPace(clock);
    this.#owners = new EndpointOwners(clock, () => this.#followAll());
    this.#trouble = trouble;
    this.#guard = guard;
  }

  /** The endpoints of a console that are not open, or do not accept connections. */
  unopened(name: string): readonly UnopenedEndpoint[] {
    const { unopened, open } = this.#kept.get(name) ?? {};
    const closed = [...(unopened ?? [])].flatMap(([endpoint, { reason, soon }]) =>
      soon ? [] : [{ endpoint, reason }],
    );
    if (!open || !this.#guard.turnsAway(endpointsOf(name))) {
      return closed;
    }
    const { used, limit } = this.#guard.use;
    const reason = `connections are refused, out of descriptors: ${used} of ${limit} are in use`;
    return [...closed, ...Array.from(open.keys(), (endpoint) => ({ endpoint, reason }))];
  }

  consoleCame(console: ConsolePort): void {
    const announces = console.config.source.kind === 'run';
    const instance = new Instance(settingsOf(console), console.supervised, this.#clock, {
      keys: this.#keyPace.console(),
      enter: (by, options, sink) => console.enter(by, options, sink),
      announces,
      quit: (status, session) => (status === null && session ? leaveStopped(console, session) : undefined),
      obstacle: () =>
        console.hold && `${holdText(console.hold, localTime)}; 'holdfast release ${console.name}' ends that`,
    });
    const kept: ServedConsole = {
      console,
      instance,
      acceptor: new Acceptor(
        instance,
        this.#clock,
        (socket) => this.#guard.admits(socket, endpointsOf(console.name), NO_DESCRIPTORS),
        (listening, text) => this.#trouble(console.name, `endpoint ${listeningName(listening)}: ${text}`),
      ),
      open: new Map(),
      unopened: new Map(),
      again: undefined,
    };
    this.#kept.set(console.name, kept);
    this.#follow(kept);
  }

  consoleChanged(console: ConsolePort): void {
    const kept = this.#kept.get(console.name);
    if (kept) {
      kept.instance.settings = settingsOf(console);
      this.#follow(kept);
    }
  }

  consoleWent(name: string): void {
    void this.#remove(name);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((name) => this.#remove(name)));
  }

  async #remove(name: string): Promise<void> {
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    kept?.again?.cancel();
    for (const { listening } of kept?.open.values() ?? []) {
      listening.unlink();
    }
    await kept?.acceptor.close(LAST_BYTES_MS);
  }

  /** Opens what is new and closes what is gone; `late`: an answer that was to come soon has had its time. */
  #follow(kept: ServedConsole, late = false): void {
    const { console, acceptor, open, unopened } = kept;
    const wanted = new Map(
      console.config.endpoints.map((each) => [notationOf(each), typeof each === 'string' ? undefined : each.may]),
    );
    for (const [spec, endpoint] of open) {
      const may = wanted.get(spec);
      if (!wanted.has(spec)) {
        endpoint.listening.unlink();
        endpoint.port.close();
        open.delete(spec);
      } else if (!isDeepStrictEqual(may, endpoint.may)) {
        endpoint.may = may;
        endpoint.port.end(BOUND_CHANGED);
      }
    }
    const before = new Map(unopened);
    unopened.clear();
    for (const [spec, may] of wanted) {
      const earlier = before.get(spec);
      if (earlier?.still()) {
        // Every retry would look like a client connecting and dropping to the port's owner.
        unopened.set(spec, { ...earlier, soon: earlier.soon && !late });
        if (earlier.soon && late) {
          this.#tellUnopened(console, spec, earlier.reason);
        }
      } else if (!open.has(spec)) {
        try {
          open.set(spec, openEndpoint(acceptor, this.#listen(spec), may));
          if (earlier && !earlier.soon) {
            this.#trouble(console.name, `endpoint ${spec} is open now`);
          }
        } catch (error) {
          const { message: reason } = error as Error;
          const soon = error instanceof OwnerAsked && earlier === undefined;
          const still = error instanceof ListenError || error instanceof OwnerAsked ? error.still : () => false;
          unopened.set(spec, { reason, still, soon });
          if (reason !== earlier?.reason && !soon) {
            this.#tellUnopened(console, spec, reason);
          }
        }
      }
    }
    kept.again?.cancel();
    kept.again = unopened.size === 0 ? undefined : this.#clock.after(RETRY_DELAY_MS, () => this.#follow(kept, true));
  }

  #tellUnopened({ name }: ConsolePort, spec: string, reason: string): void {
    this.#trouble(name, `endpoint ${spec} is not open, and is tried again: ${reason}`);
  }

  /** The owners of some endpoints are known now. */
  #followAll(): void {
    for (const kept of [...this.#kept.values()].filter(({ unopened }) => unopened.size > 0)) {
      this.#follow(kept);
    }
  }

  #listen(spec: string): Listening {
    const parsed = parseEndpoint(spec, LOOPBACK);
    if (!isEndpoint(parsed)) {
      throw new HoldfastError('HF_BAD_CONFIG', `'${spec}' is not an endpoint`);
    }
    const owner = this.#owners.of(parsed);
    if (parsed.kind === 'unix' && !parsed.path.startsWith('@')) {
      // Below /run, whose folders are gone after a boot; for procServ systemd creates them (RuntimeDirectory=).
      openFolder(dirname(parsed.path), 0o755).close();
    }
    return listenOn(parsed, owner);
  }
}

/** The name of its endpoints in messages about descriptors. */
function endpointsOf(console: string): string {
  return `the endpoints of ${console}`;
}

/** Each connection accepted here becomes a session on the console. */
function openEndpoint(acceptor: Acceptor, listening: Listening, may: OpenEndpoint['may']): OpenEndpoint {
  const port = acceptor.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      const principal = await principalOf(socket, 'procserv');
      return endpoint.may === undefined ? principal : { ...principal, bound: endpoint.may };
    },
  );
  const endpoint: OpenEndpoint = { listening, port, may };
  return endpoint;
}

/**
 * ^Q ends a procServ, and its child stays down until it is started again; here the other consoles go on. If ^Q is the
 * logout key, it only logs out.
 */
function leaveStopped(console: ConsolePort, session: Actor): HoldfastError | undefined {
  const { config, hold, name } = console;
  if (parseKey(config.keys.logout) === CTRL_Q) {
    return undefined;
  }
  const refusal = session.ask('stop');
  if (refusal) {
    return refusal;
  }
  session.act('stop');
  const what = hold
    ? `is ${holdText(hold, localTime)}`
    : `stays stopped until it is started: ^R here, or 'holdfast start ${name}'`;
  console.supervised.say(`\r\n@@@ ^Q: "${name}" ${what}\r\n`);
  return undefined;
}

function localTime(iso: string): string {
  return strftime('%F %T', Date.parse(iso));
}

function listeningName({ endpoint }: Listening): string {
  return endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
}

/** The settings that its endpoints have. */
export function settingsOf({ config }: Pick<ConsolePort, 'config'>): ProcServSettings {
  const { source } = config;
  const argv = argvOf(source);
  return {
    name: config.name,
    command: argv[0] as string,
    child: { file: argv[0] as string, argv, ...(config.chdir === undefined ? {} : { cwd: config.chdir }) },
    argv0: 'holdfast',
    version: PROCSERV_VERSION,
    directory: process.cwd(),
    childDirectory: config.chdir ?? process.cwd(),
    ...(config.log ? { log: { path: config.log.path, isOpen: () => true } } : {}),
    quitHelp: 'leaves it stopped',
    whenStopped: 'as it was told to',
    killKey: parseKey(config.keys.kill),
    toggleKey: parseKey(config.keys.toggle),
    // Switched off and on again, it has the configured mode, if that is a kind of on.
    toggleCycle: [config.restart.mode === 'never' ? 'always' : config.restart.mode, 'never'],
    logoutKey: parseKey(config.keys.logout),
    killSignal: SIGKILL,
    timeFormat: '%c',
    history: config.history,
  };
}

/** The command as shown in its welcome. */
function argvOf(source: ConsolePort['config']['source']): readonly string[] {
  switch (source.kind) {
    case 'run':
      return source.argv;
    case 'none':
      return ['nothing'];
    default:
      return ['path' in source ? source.path : `${source.host}:${source.port}`];
  }
}
