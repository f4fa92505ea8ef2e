/** Opens a source for the sessions that come, and closes it after the last one (`open` in the configuration). */
import type { ConsoleConfig } from '../model/config.ts';
import { type Principal, self } from '../model/principal.ts';
import type { ProcessState } from '../model/process.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { ProcessConsole } from './process-console.ts';

export interface OnDemandParts {
  readonly config: () => Pick<ConsoleConfig, 'open' | 'source' | 'start'>;
  readonly supervised: Pick<ProcessConsole, 'state' | 'supervisor' | 'watch'>;
  readonly start: (by: Principal) => void;
  readonly stop: (by: Principal) => void;
  readonly clock: Clock;
}

/** A session that enters waits at most this long for the source; then it sees the state of the console. */
const OPEN_TIMEOUT_MS = 10_000;
/** The time that sessions of a dead server have to come back to the next one. */
const RETURN_MS = 10_000;

const NOBODY_IS_ON_IT = self('nobody is on the console');
const NOT_OPENED = self('it is opened on demand, and did not open');

/** Up, or on its way there. */
const OPEN: ReadonlySet<ProcessState> = new Set(['starting', 'running', 'ready']);

export class OnDemand {
  readonly #parts: OnDemandParts;
  /** Sessions that are on the console or enter it. */
  #wanted = 0;
  /** The last attempt to open it failed. */
  #failed = false;

  constructor(parts: OnDemandParts) {
    this.#parts = parts;
    parts.supervised.watch({
      started: () => {
        this.#failed = false;
      },
      notStarted: () => {
        this.#failed = true;
      },
      // It comes up again for those who are there, but a failed attempt is repeated only by the next session.
      changed: ({ to }) => to === 'waiting' && queueMicrotask(() => this.#restUnwanted()),
    });
  }

  /** Whether it is down without sessions. */
  get #closesUnwanted(): boolean {
    return this.#parts.config().open === 'on-demand';
  }

  /** Nobody is on it, and it is only open while somebody is. */
  get isUnwanted(): boolean {
    return this.#closesUnwanted && this.#wanted === 0;
  }

  /** Whether it starts with the server. */
  get startsAlone(): boolean {
    return this.#parts.config().start && !this.#closesUnwanted;
  }

  /** The console has been taken over from the last server. */
  begun(): void {
    if (this.#closesUnwanted && OPEN.has(this.#parts.supervised.state)) {
      this.#parts.clock.after(RETURN_MS, () => this.#closeUnwanted());
    }
  }

  /** The configuration has changed, from this setting. */
  changed(before: ConsoleConfig['open']): void {
    this.#closeUnwanted();
    if (before === 'on-demand' && this.startsAlone) {
      this.#parts.supervised.supervisor.resume();
    }
  }

  /**
   * A session enters; `left` follows. Resolves with whether the source was opened for it, when it is open or will not be soon. A
   * connection over the network is not waited for: the session sees its state.
   */
  async enter(by: Principal): Promise<boolean> {
    const { config, start, supervised } = this.#parts;
    this.#wanted++;
    const { open = 'always', source } = config();
    if (open === 'always' || OPEN.has(supervised.state)) {
      return false;
    }
    const opened = source.kind === 'tcp' || source.kind === 'telnet' ? undefined : this.#opened();
    start(by);
    await opened;
    return true;
  }

  left(): void {
    this.#wanted--;
    this.#closeUnwanted();
  }

  #restUnwanted(): void {
    const { state, supervisor } = this.#parts.supervised;
    if (this.#closesUnwanted && state === 'waiting' && (this.#failed || this.#wanted === 0)) {
      supervisor.stop(this.#failed ? NOT_OPENED : NOBODY_IS_ON_IT);
    }
  }

  #closeUnwanted(): void {
    if (this.isUnwanted && OPEN.has(this.#parts.supervised.state)) {
      this.#parts.stop(NOBODY_IS_ON_IT);
    }
  }

  #opened(): Promise<void> {
    const { clock, supervised } = this.#parts;
    return new Promise((resolve) => {
      const done = () => {
        timeout.cancel();
        unwatch();
        resolve();
      };
      const timeout = clock.after(OPEN_TIMEOUT_MS, done);
      const unwatch = supervised.watch({
        started: done,
        notStarted: done,
        changed: ({ to }) => !OPEN.has(to) && to !== 'stopping' && to !== 'waiting' && done(),
      });
    });
  }
}
