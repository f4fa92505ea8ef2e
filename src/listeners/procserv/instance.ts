/** One child as procServ serves it: its announcements and its keys (spec/procserv.md 5, 6, 9, 10). */

import type { ProcessPort } from '../../model/console-port.ts';
import type { HoldfastError } from '../../model/errors.ts';
import type { LineEnds } from '../../model/line-ends.ts';
import type { OutputStream } from '../../model/output-stream.ts';
import { type ExitStatus, isUp } from '../../model/process.ts';
import type { Enter, Session } from '../../model/session.ts';
import type { RestartPolicy, Transition } from '../../model/supervision.ts';
import { strftime } from '../../platform/strftime.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { ConsoleKeys } from '../../platform/time/key-pace.ts';
import * as messages from './messages.ts';
import type { ProcServSettings } from './settings.ts';

const CTRL_Q = 0x11;
const CTRL_R = 0x12;

/** The session of a user, who types and strikes keys. */
export type Actor = Pick<Session, 'ask' | 'act' | 'write'>;

/** The result of a block of input. */
export interface Taken {
  /** Keys that acted, and those beyond what was allowed. */
  readonly acted: number;
  readonly ignored: number;
  /** It contained the logout key; the rest of it still counts. */
  readonly logout: boolean;
  /** Why the first key that was refused was refused. */
  readonly refusal?: HoldfastError | undefined;
}

const MODE_NAME = { always: 'ON', 'on-failure': 'ON', never: 'OFF', oneshot: 'ONESHOT' } as const;

export interface InstanceOptions {
  readonly enter: Enter;
  readonly keys: ConsoleKeys;
  /** Whether it announces the state of the child in the stream: not if the source is a link. */
  readonly announces: boolean;
  /** The server should end: a key asked for it (`null`), or its oneshot child has ended with this status. */
  readonly quit: (status: ExitStatus | null, session?: Actor) => HoldfastError | undefined;
  /** Milliseconds from now for which a new connection gets all output of the child. Absent: never. */
  readonly early?: number;
  /** Why no key can start the child now. Absent: a key always can. */
  readonly obstacle?: () => string | undefined;
}

export class Instance {
  settings: ProcServSettings;
  readonly console: ProcessPort;
  readonly keys: ConsoleKeys;
  readonly enter: Enter;
  readonly #quit: InstanceOptions['quit'];
  readonly #obstacle: () => string | undefined;
  readonly #started: number;
  readonly clock: Clock;
  /** A new connection is early before this time, monotonic milliseconds. */
  readonly #earlyUntil: number;
  /** The offset at which an early connection begins: after the start that its banner reports. */
  #beginning: number;
  #users = 0;
  #loggers = 0;

  constructor(settings: ProcServSettings, console: ProcessPort, clock: Clock, options: InstanceOptions) {
    const { early = 0, enter, keys, announces, quit, obstacle = () => undefined } = options;
    this.settings = settings;
    this.console = console;
    this.keys = keys;
    this.enter = enter;
    this.#quit = quit;
    this.#obstacle = obstacle;
    this.#started = clock.now();
    this.clock = clock;
    this.#earlyUntil = clock.monotonic() + early;
    this.#beginning = console.stream.ring.head;
    if (announces) {
      console.greeting = () => messages.childStarted(this.settings, '\0');
      console.watch({
        started: (pid, failure, greeted) => {
          if (!greeted) {
            console.say(messages.childStarted(this.settings, String(pid)));
          }
          this.#beginning = console.stream.ring.head;
          if (failure !== undefined) {
            console.say(messages.startFailed(this.settings, failure));
          }
        },
        notStarted: (error) => console.say(messages.notStarted(this.settings, error)),
        ended: ({ pid, status }) => {
          const { supervisor } = console;
          // A child that has used up its restarts is not restarted, as if they were off.
          const mode = supervisor.verdict(status) === 'ended-brake' ? 'OFF' : this.#mode;
          const time = this.#time(clock.now());
          console.say(messages.childEnded(this.settings, pid, status, time, mode, supervisor.staysDown));
        },
        changed: (transition) => this.#changed(transition),
      });
    }
  }

  get stream(): OutputStream {
    return this.console.stream;
  }

  /** The offset at which an early connection begins to read; undefined: now, or with the requested history. */
  get beginning(): number | undefined {
    const early = this.settings.history === 0 && this.clock.monotonic() < this.#earlyUntil;
    return early ? Math.max(this.#beginning, this.stream.ring.tail) : undefined;
  }

  /** The banner for a new connection. */
  banner(forLogger: boolean): string {
    const { pid, startedAt } = this.console;
    return messages.banner(
      this.settings,
      {
        serverPid: process.pid,
        mode: this.#mode,
        childPid: pid,
        serverStarted: this.#time(this.#started),
        childStarted: pid === undefined || startedAt === undefined ? undefined : this.#time(startedAt),
        users: this.#users,
        loggers: this.#loggers,
      },
      forLogger,
    );
  }

  /** Counts a connection until the returned function is called. */
  count(logger: boolean): () => void {
    const add = (n: number) => {
      if (logger) {
        this.#loggers += n;
      } else {
        this.#users += n;
      }
    };
    add(1);
    return () => add(-1);
  }

  /**
   * Input of a user: keys act, at most `most` of them, in the order of spec/procserv.md 6.1; the rest goes to the
   * child. Start and quit come after the block: a restart key that was struck twice starts the child, and does not kill
   * it at once.
   */
  input(session: Actor, data: Uint8Array, most: number, ends: LineEnds): Taken {
    const { killKey, logoutKey, toggleKey } = this.settings;
    const down = !isUp(this.console.supervisor.state);
    let start = false;
    let quit = false;
    let logout = false;
    let all = true;
    let keys = 0;
    let refusal: HoldfastError | undefined;
    for (const byte of data) {
      start ||= byte === CTRL_R || byte === killKey;
      quit ||= byte === CTRL_Q;
      logout ||= byte === logoutKey;
      all &&= this.#passes(byte);
      if ((byte === killKey || byte === toggleKey) && ++keys <= most) {
        refusal ??= this.#obey(byte, down, session);
      }
    }
    const passed = all ? data : data.filter((byte) => this.#passes(byte));
    if (passed.length > 0) {
      session.write(passed, ends);
    }
    const ignored = Math.max(0, keys - most);
    const acted = keys - ignored;
    if (down && (quit || start)) {
      const refused = quit ? this.#quit(null, session) : this.#start(session);
      return { acted: acted + 1, ignored, logout, refusal: refusal ?? refused };
    }
    return { acted, ignored, logout, refusal };
  }

  #passes(byte: number): boolean {
    const { killKey, toggleKey, logoutKey } = this.settings;
    return byte !== 0 && byte !== killKey && byte !== toggleKey && byte !== logoutKey;
  }

  /** Toggle and kill may be one key. A refusal is not announced: the reason is returned. */
  #obey(byte: number, down: boolean, session: Actor): HoldfastError | undefined {
    const { killKey, toggleKey } = this.settings;
    return (
      (byte === toggleKey ? this.#toggle(session) : undefined) ??
      (byte === killKey ? this.#kill(session, down) : undefined)
    );
  }

  #toggle(session: Actor): HoldfastError | undefined {
    const refusal = session.ask('mode');
    if (!refusal) {
      const { toggleCycle } = this.settings;
      // By name: a mode that is switched off and on again may have been another kind of on.
      const at = toggleCycle.findIndex((mode) => MODE_NAME[mode] === this.#mode);
      const next = toggleCycle[(at + 1) % toggleCycle.length] as RestartPolicy['mode'];
      this.console.say(messages.toggled(this.settings, MODE_NAME[next]));
      session.act('mode', next);
    }
    return refusal;
  }

  /** While the child is down, this key starts it, after the block. */
  #kill(session: Actor, down: boolean): HoldfastError | undefined {
    const refusal = session.ask(down ? 'start' : 'signal');
    if (!refusal) {
      this.console.say(messages.KILL_COMMAND);
      if (!down) {
        session.act('signal', this.settings.killSignal);
      }
    }
    return refusal;
  }

  #start(session: Actor): HoldfastError | undefined {
    const refusal = session.ask('start');
    const obstacle = this.#obstacle();
    if (refusal) {
      return refusal;
    }
    if (obstacle === undefined) {
      session.act('start');
    } else {
      this.console.say(messages.startRefused(obstacle));
    }
    return undefined;
  }

  get #mode(): messages.RestartMode {
    return MODE_NAME[this.console.supervisor.policy.mode];
  }

  #time(milliseconds: number): string {
    return strftime(this.settings.timeFormat, milliseconds);
  }

  #changed({ to, event }: Transition): void {
    const { supervisor, lastEnd } = this.console;
    const { limit, mode } = supervisor.policy;
    if (to === 'crash-looping' && limit) {
      this.console.say(messages.restartLimitReached(this.settings, limit.count, limit.within / 1000));
    }
    if (event === 'ended-rest' && mode === 'oneshot') {
      this.#quit(lastEnd ?? null);
    }
  }
}
