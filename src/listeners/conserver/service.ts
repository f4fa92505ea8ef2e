/** The conserver listener of the host server: opened, changed and closed as `[conserver]` says. */

import { hostname } from 'node:os';
import type { TLSSocketOptions } from 'node:tls';
import { Memberships } from '../../access/group-member.ts';
import { passwordFits } from '../../access/password-hash.ts';
import { Passwords, readPasswords } from '../../access/passwords.ts';
import { systemPasswords } from '../../access/system-password.ts';
import type { PasswordFile } from '../../grammar/conserver/passwd.ts';
import type { HostConfig, PlanStep } from '../../model/config.ts';
import type { ConserverListener, ConserverTls } from '../../model/conserver-config.ts';
import type { ConsolePort } from '../../model/console-port.ts';
import type { ActingHost, HostDoor } from '../../model/host-port.ts';
import type { HostService } from '../../model/host-service.ts';
import { isSame } from '../../model/is-same.ts';
import type { Principal } from '../../model/principal.ts';
import { isUp } from '../../model/process.ts';
import { sectionPlan } from '../../model/section-plan.ts';
import { configAside } from '../../platform/config-aside.ts';
import { ownNames } from '../../platform/net/this-host.ts';
import type { DescriptorGuard } from '../../platform/process/descriptors.ts';
import { Identities } from '../../platform/process/run-as.ts';
import { runShell } from '../../platform/process/shell-command.ts';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import { changedKeys } from './changed-keys.ts';
import { conserverTls } from './conserver-tls.ts';
import type { ConsoleHub } from './model/ports.ts';
import { ConserverServer, NO_DESCRIPTORS } from './wire/server.ts';
import { World, type WorldProgram } from './world.ts';

/** In plans and in the history; no console can have this name. */
const NAME = '[conserver]';
/** Between attempts to listen. */
const RETRY_MS = 5000;

/** Differences where conserver is the whole program (`bin/conserver`). */
export interface ConserverProgram extends WorldProgram {
  /** The commands of administrators. */
  readonly hub: ConsoleHub;
  /** The contents of the password file; undefined: there is none, and the system decides. */
  readonly passwords: () => Promise<PasswordFile | undefined>;
  readonly tls: TLSSocketOptions;
  /** A line of the server's log, if that is verbose. */
  readonly inform: (text: string) => void;
  /** An error, for the server's log. */
  readonly complain: (text: string) => void;
}

export interface ConserverServiceParts {
  readonly door: HostDoor;
  readonly clock: Clock;
  /** One line for the history. */
  readonly note: (text: string) => void;
  /** Called for everybody who may not come in; absent: nobody wants to know. */
  readonly turnedAway?: (by: Principal, why: string) => void;
  readonly guard: DescriptorGuard;
  readonly program?: ConserverProgram | undefined;
}

interface Running {
  readonly world: World;
  readonly server: ConserverServer;
  listener: ConserverListener;
  tls: TLSSocketOptions | undefined;
}

export class ConserverService implements HostService {
  readonly name = 'conserver';
  readonly afterConsoles = true;
  readonly #parts: ConserverServiceParts;
  /** Of the host, whether this listener serves them or not. */
  readonly #consoles = new Map<string, ConsolePort>();
  #running: Running | undefined;
  #retry: Timer | undefined;
  #trouble = '';
  readonly #memberships: Memberships;
  readonly #identities = new Identities();

  constructor(parts: ConserverServiceParts) {
    this.#parts = parts;
    this.#memberships = new Memberships(parts.clock);
  }

  plan({ conserver: wanted }: Pick<HostConfig, 'conserver'>): PlanStep[] {
    return sectionPlan(NAME, this.#running?.listener, wanted, changedKeys);
  }

  /** Even if nothing differs: consoles or certificates on disk may. */
  async apply(next: Pick<HostConfig, 'conserver' | 'consoles'>): Promise<PlanStep[]> {
    const { conserver: wanted } = next;
    const steps = this.plan(next);
    if (wanted === undefined) {
      await this.close();
      return steps;
    }
    // A program knows which consoles are those of others.
    const own = this.#parts.program ? new Set() : await ownNames(wanted.remotes.map(({ master }) => master));
    const isThisHost = (name: string): boolean => own.has(name);
    const before = this.#running?.listener;
    // Not waited for: a task that comes before the answer is refused.
    void this.#identities.learn(Object.values(wanted.tasks).map(({ runas }) => runas));
    const tls = await this.#tls(wanted);
    const running = this.#running ?? this.#make(wanted, isThisHost);
    running.listener = wanted;
    running.tls = tls;
    running.world.configure(wanted, isThisHost);
    running.world.follow(inOrder(this.#consoles, next.consoles), next.consoles);
    const places = ({ listen, port, groupPort }: ConserverListener) => [listen, port, groupPort];
    if (before === undefined || !isSame(places(before), places(wanted))) {
      running.server.stopListening();
      await this.#listen(running);
    }
    return steps;
  }

  /** Served with the next `apply`. */
  consoleCame(console: ConsolePort): void {
    this.#consoles.set(console.name, console);
  }

  consoleChanged({ name }: ConsolePort, reset: boolean): void {
    if (reset) {
      this.#running?.world.reset(name);
    }
  }

  /** Its sessions end before the console does. */
  consoleWent(name: string): void {
    this.#consoles.delete(name);
    this.#running?.world.forget(name);
  }

  async close(): Promise<void> {
    this.#retry?.cancel();
    this.#running?.server.close('[-- Console server shutting down --]\r\n');
    this.#running?.world.close();
    this.#running = undefined;
  }

  /** The files were readable a moment ago: connected clients continue, but nobody new starts without encryption. */
  async #tls({ tls }: ConserverListener): Promise<TLSSocketOptions | undefined> {
    try {
      return this.#parts.program?.tls ?? (await tlsOptions(tls));
    } catch (error) {
      if (this.#running?.tls === undefined) {
        throw error;
      }
      this.#parts.note(`certificate: ${(error as Error).message}; the one from before stays`);
      return this.#running.tls;
    }
  }

  #make(listener: ConserverListener, isThisHost: (name: string) => boolean): Running {
    const { door, clock, note, guard, program } = this.#parts;
    const world = new World(listener, isThisHost, {
      ...{ clock, program, hostname: hostname() },
      startCommand: ({ cmd, input, runas }, _record, { output, ended }) =>
        runShell({ cmd, input, ...this.#identities.of(runas) }, output, ended),
    });
    const running: Running = {
      ...{ world, listener, tls: undefined },
      server: new ConserverServer({
        ...{ door, world, memberships: this.#memberships, hostname: hostname(), clock },
        hub: program?.hub ?? this.#hub(),
        passwords: new Passwords(
          clock,
          program?.passwords ?? (() => this.#passwords()),
          passwordFits,
          systemPasswords('conserver', clock, note, program?.complain ?? note),
        ),
        get tls() {
          return running.tls && { options: running.tls, required: running.listener.tlsRequired };
        },
        admits: (socket) => guard.admits(socket, program ? 'the ports' : 'the conserver ports', NO_DESCRIPTORS),
        say: (text) => note(text),
        turnedAway: this.#parts.turnedAway ?? (() => undefined),
        inform: program?.inform ?? (() => undefined),
      }),
    };
    this.#running = running;
    return running;
  }

  async #passwords(): Promise<PasswordFile | undefined> {
    const file = this.#running?.listener.passwordFile;
    return file === undefined
      ? undefined
      : ((await readPasswords(file, this.#parts.note)) ?? { entries: [], faults: [] });
  }

  /** The port may be in use for now: the consoles run anyway, and it is retried. A program does not start without it. */
  async #listen(running: Running): Promise<void> {
    const { listen, port, groupPort } = running.listener;
    this.#retry?.cancel();
    try {
      for (const [index, address] of listen.entries()) {
        await running.server.listen(address, port, index === 0 ? groupPort : running.server.groupPort);
      }
      this.#trouble = '';
    } catch (error) {
      running.server.stopListening();
      if (this.#parts.program) {
        throw error;
      }
      const { message } = error as Error;
      if (message !== this.#trouble) {
        this.#trouble = message;
        this.#parts.note(`cannot listen, and tries again: ${message}`);
      }
      this.#retry = this.#parts.clock.after(RETRY_MS, () => {
        if (this.#running === running) {
          void this.#listen(running);
        }
      });
    }
  }

  #hub(): ConsoleHub {
    const { note } = this.#parts;
    const bringUp = (acting: ActingHost): void => {
      for (const { name } of this.#down().filter((console) => !acting.refusal('start', console.name))) {
        acting.start(name).catch((error: Error) => note(`not started: ${error.message}`));
      }
    };
    return {
      bringUp: async (acting) => {
        const down = this.#down();
        if (down.length > 0 && down.every(({ name }) => acting.refusal('start', name))) {
          must(acting, 'start', down[0]?.name);
        }
        bringUp(acting);
      },
      reopenLogs: async (acting) => {
        await acting.reopenLogs();
        bringUp(acting);
      },
      reconfigure: async (acting) => {
        must(acting, 'apply');
        void acting
          .apply()
          .then(({ problems }) => {
            // The host reports a failed step.
            for (const { file, line, message } of problems) {
              note(`not reconfigured: ${file}:${line}: ${message}`);
            }
          })
          // The holder may go meanwhile.
          .catch((error: Error) => note(`not reconfigured: ${error.message}`));
      },
      // The answer goes out first.
      terminate: (acting) => acting.down(false),
    };
  }

  /** Those that `up` is for. */
  #down(): readonly ConsolePort[] {
    return [...this.#consoles.values()].filter(({ config, hold, registry, state }) => {
      const unwanted = config.open === 'on-demand' && registry.entries.length === 0;
      return !hold && !unwanted && !isUp(state);
    });
  }
}

function must(acting: ActingHost, ...what: Parameters<ActingHost['ask']>): void {
  const refusal = acting.ask(...what);
  if (refusal) {
    throw refusal;
  }
}

/** As configured; those that the configuration does not have last. */
function inOrder(consoles: ReadonlyMap<string, ConsolePort>, configured: HostConfig['consoles']): ConsolePort[] {
  const names = new Set([...configured.map(({ name }) => name), ...consoles.keys()]);
  return [...names].flatMap((name) => consoles.get(name) ?? []);
}

/** Read each time: a reload picks up a renewed certificate. */
async function tlsOptions(tls: ConserverTls): Promise<TLSSocketOptions | undefined> {
  switch (tls.kind) {
    case 'none':
      return undefined;
    case 'legacy':
      return conserverTls({ required: false });
    case 'certificate': {
      const [cert, key] = await Promise.all([configAside.readFile(tls.cert), configAside.readFile(tls.key)]);
      const ca = tls.ca === undefined ? undefined : await configAside.readFile(tls.ca);
      return conserverTls({ cert, key, ca, required: ca !== undefined });
    }
  }
}
