/** One child as procServ serves it: its messages, its keys, its restarts (reference procserv.md 5, 6, 9, 10). */
import type { Console } from '../../console/console.ts';
import { type ExitStatus, isUp } from '../../model/process.ts';
import type { ProcessHost, StartFailure } from '../../model/process-host.ts';
import type { Clock } from '../../platform/clock.ts';
import { strftime } from '../../platform/strftime.ts';
import type { RestartPolicy } from '../../supervisor/policy.ts';
import { Supervisor, type Transition } from '../../supervisor/supervisor.ts';
import * as messages from './messages.ts';
import type { ProcServSettings } from './settings.ts';

const SIGKILL = 9;
const CTRL_Q = 0x11;
const CTRL_R = 0x12;

const NEXT_MODE = { always: 'never', never: 'oneshot', oneshot: 'always', 'on-failure': 'never' } as const;
const MODE_NAME = { always: 'ON', 'on-failure': 'ON', never: 'OFF', oneshot: 'ONESHOT' } as const;

export interface InstanceParts {
  readonly settings: ProcServSettings;
  readonly policy: RestartPolicy;
  readonly host: ProcessHost;
  readonly console: Console;
  readonly clock: Clock;
  /** The server should end: asked by key (`null`), or its oneshot child has ended thus. */
  readonly quit: (status: ExitStatus | null) => void;
}

/** What a key asks of the session it was typed in. */
export type KeyResult = 'logout' | undefined;

export class Instance {
  readonly settings: ProcServSettings;
  readonly console: Console;
  readonly #host: ProcessHost;
  readonly #clock: Clock;
  readonly #quit: InstanceParts['quit'];
  readonly #supervisor: Supervisor;
  readonly #started: number;
  #childPid: number | undefined;
  #childStarted = 0;
  #lastEnd: ExitStatus | undefined;
  /** The child is to be killed, as soon as there is one: the key may come before the pid is known. */
  #killAsked = false;
  #full = false;
  #users = 0;
  #loggers = 0;
  /** Sessions that wait for the child to read. */
  readonly #waiting = new Set<() => void>();
  #shutDown: (() => void) | undefined;

  constructor({ settings, policy, host, console, clock, quit }: InstanceParts) {
    this.settings = settings;
    this.console = console;
    this.#host = host;
    this.#clock = clock;
    this.#quit = quit;
    this.#started = clock.now();
    const launcher = { launch: () => host.start(settings.child), halt: () => this.#halt() };
    this.#supervisor = new Supervisor(policy, launcher, clock, (transition) => this.#changed(transition));
    host.handlers = {
      started: (pid, failure) => this.#childIsUp(pid, failure),
      notStarted: (error) => this.#childCouldNot(error),
      ended: (pid, status) => this.#childIsDown(pid, status),
      advanced: () => console.advance(),
      drained: () => this.#drained(),
    };
  }

  /** Begins to supervise; `wait`: not before a person says so (-w). */
  begin(wait: boolean): void {
    if (wait) {
      this.#supervisor.hold();
    } else {
      this.#supervisor.start();
    }
  }

  /** The banner for a new connection. */
  banner(forLogger: boolean): string {
    const childPid = this.#childPid;
    const time = (milliseconds: number) => this.#time(milliseconds);
    return messages.banner(
      this.settings,
      {
        serverPid: process.pid,
        mode: this.#mode,
        childPid,
        serverStarted: time(this.#started),
        childStarted: childPid === undefined ? undefined : time(this.#childStarted),
        users: this.#users,
        loggers: this.#loggers,
      },
      forLogger,
    );
  }

  /** Counts a connection; the returned function counts it out. */
  enter(logger: boolean): () => void {
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
   * Input of a user: keys act, in the order of reference 6.1; what is left goes to the child. `logout` when the block held
   * the logout key: the rest of it counts all the same.
   */
  input(data: Uint8Array): KeyResult {
    const { killKey, toggleKey, logoutKey, ignore } = this.settings;
    let result: KeyResult;
    const passed = new Uint8Array(data.length);
    let length = 0;
    for (const byte of data) {
      const down = !isUp(this.#supervisor.state);
      if (down && (byte === CTRL_R || byte === killKey)) {
        this.#supervisor.release();
        this.#supervisor.start();
      }
      if (down && byte === CTRL_Q) {
        this.#quit(null);
      }
      if (byte === logoutKey) {
        result = 'logout';
      }
      if (byte === toggleKey) {
        this.#toggle();
      }
      if (byte === killKey) {
        this.#say(messages.KILL_COMMAND);
        this.#killAsked ||= !down;
        this.#obeyKill();
      }
      if (byte !== 0 && byte !== killKey && byte !== toggleKey && byte !== logoutKey && !ignore.has(byte)) {
        passed[length++] = byte;
      }
    }
    if (length > 0) {
      this.#full = !this.#host.write(passed.subarray(0, length));
    }
    return result;
  }

  /** Whether the child does not read: a session that sent much should wait, and is called back by `whenRoom`. */
  get full(): boolean {
    return this.#full;
  }

  whenRoom(action: () => void): void {
    this.#waiting.add(action);
  }

  forget(action: () => void): void {
    this.#waiting.delete(action);
  }

  /** Ends the child: kill signal, grace, SIGKILL. Resolves when its last words are in the stream. */
  async shutDown(): Promise<void> {
    this.#supervisor.stop();
    if (isUp(this.#supervisor.state)) {
      await new Promise<void>((resolve) => {
        this.#shutDown = resolve;
      });
    }
    this.#supervisor.close();
  }

  /** How the last child ended. */
  get lastEnd(): ExitStatus | undefined {
    return this.#lastEnd;
  }

  get #mode(): messages.RestartMode {
    return MODE_NAME[this.#supervisor.policy.mode];
  }

  #time(milliseconds: number): string {
    return strftime(this.settings.timeFormat, milliseconds);
  }

  #say(text: string): void {
    this.#host.note(Buffer.from(text));
  }

  #toggle(): void {
    const mode = NEXT_MODE[this.#supervisor.policy.mode];
    this.#say(messages.toggled(MODE_NAME[mode]));
    this.#supervisor.setMode(mode);
  }

  #childIsUp(pid: number, failure: StartFailure | undefined): void {
    this.#childPid = pid;
    this.#childStarted = this.#clock.now();
    const failed = failure === undefined ? '' : messages.startFailed(this.settings, failure);
    this.#say(messages.childStarted(this.settings, pid) + failed);
    if (this.#supervisor.state === 'stopping') {
      this.#halt();
    }
    this.#supervisor.spawned();
    this.#obeyKill();
  }

  #childCouldNot(error: Error): void {
    this.#say(messages.notStarted(this.settings, error));
    this.#supervisor.ended({ code: 255, signal: null, coreDumped: false });
    this.#shutDown?.();
  }

  #childIsDown(pid: number, status: ExitStatus): void {
    this.#childPid = undefined;
    this.#lastEnd = status;
    this.#drained();
    this.#say(messages.childEnded(this.settings, pid, status, this.#time(this.#clock.now()), this.#mode));
    this.#supervisor.ended(status);
    this.#shutDown?.();
  }

  #changed({ to, event }: Transition): void {
    const { limit, mode } = this.#supervisor.policy;
    if (to === 'crash-looping' && limit) {
      this.#say(messages.restartLimitReached(this.settings, limit.count, limit.within / 1000));
    }
    if (event === 'ended-rest' && mode === 'oneshot' && this.#shutDown === undefined) {
      this.#quit(this.#lastEnd ?? null);
    }
  }

  #obeyKill(): void {
    if (this.#killAsked && this.#childPid !== undefined) {
      this.#killAsked = false;
      this.#host.kill(this.settings.killSignal);
    }
  }

  #halt(): void {
    const pid = this.#childPid;
    if (pid === undefined) {
      return;
    }
    this.#host.kill(this.settings.killSignal);
    if (this.settings.killSignal !== SIGKILL) {
      this.#clock.after(this.settings.grace, () => {
        if (this.#childPid === pid) {
          this.#host.kill(SIGKILL);
        }
      });
    }
  }

  #drained(): void {
    this.#full = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const action of waiting) {
      action();
    }
  }
}
