/**
 * The marks of the server in the log of a console (`log.marks`, spec/conserver.md 9), and whether the console's output goes there at
 * all.
 */
import type { Backend } from '../model/backend.ts';
import { bytesOf } from '../model/byte-text.ts';
import type { ConsoleConfig } from '../model/config.ts';
import type { LogPort } from '../model/console-port.ts';
import { type Principal, personOf } from '../model/principal.ts';
import { ctime } from '../platform/ctime.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

/** `always` where there is a log, `lines` where it has marks, the others where its marks include them. */
export type MarkKind = 'always' | 'lines' | 'activity' | 'breaks' | 'tasks';

export interface LogMarksParts {
  readonly log: () => ConsoleConfig['log'];
  readonly backend: Pick<Backend, 'mark' | 'setLogging'>;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;

export class LogMarks implements LogPort {
  readonly #parts: LogMarksParts;
  #on = true;
  #isUp = false;
  #writer: Principal | undefined;
  /** Had the keyboard last, and nobody has it since. */
  #lastWriter: Principal | undefined;
  #timer: Timer | undefined;

  constructor(parts: LogMarksParts) {
    this.#parts = parts;
  }

  get on(): boolean {
    return this.#on;
  }

  /** Ignored where the holder is too old for it. */
  setOn(on: boolean, why: string): void {
    if (this.#on !== on && this.#parts.backend.setLogging(on)) {
      this.#on = on;
      this.mark('always', `Console logging ${on ? 'restored' : 'disabled'} ${why}`.trim());
    }
  }

  /** `[-- text -- time]`. Attaches and detaches while the source is closed are not logged. */
  mark(kind: MarkKind, text: string): void {
    const { backend, clock, log } = this.#parts;
    if (kind === 'activity' && !this.#isUp) {
      return;
    }
    const { marks } = log() ?? {};
    if (log() && (kind === 'always' || (marks && (kind === 'lines' || marks[kind])))) {
      backend.mark(bytesOf(`[-- ${text} -- ${ctime(clock.now())}]\r\n`));
    }
  }

  /** The console has been taken over from the last server; `logOff`: its users had switched the log off, and are gone. */
  begun(isUp: boolean, logOff: boolean): void {
    if (logOff) {
      this.mark('always', 'Console logging restored (logout)');
    }
    this.#isUp = isUp;
    this.changed();
  }

  up(): void {
    this.#isUp = true;
    this.mark('lines', 'Console up');
    if (this.#writer) {
      this.mark('activity', `${personOf(this.#writer)} attached`);
    }
    this.changed();
  }

  down(): void {
    if (!this.#isUp) {
      return;
    }
    this.#isUp = false;
    this.#timer?.cancel();
    this.setOn(true, '');
    this.mark('lines', 'Console down');
  }

  /** The keyboard has changed hands. */
  writerIs(writer: Principal | undefined): void {
    const before = this.#writer;
    this.#writer = writer;
    this.#lastWriter = writer ? undefined : before;
    if (writer) {
      this.mark('activity', `${personOf(writer)} ${before ? `bumped ${personOf(before)}` : 'attached'}`);
    } else if (before) {
      this.mark('activity', `${personOf(before)} detached`);
    }
  }

  /** A session has ended; `left`: so many remain on the console. Logging that the writer switched off resumes. */
  left(who: Principal, left: number): void {
    if (left === 0 || who === this.#lastWriter) {
      this.setOn(true, '(logout)');
    }
  }

  /** The configuration has changed. Time marks come at whole multiples of their interval: on the hour, not an hour after the start. */
  changed(): void {
    const { clock, log } = this.#parts;
    const { every } = log()?.marks ?? {};
    this.#timer?.cancel();
    if (this.#isUp && every?.unit === 'minutes') {
      const interval = every.count * MINUTE_MS;
      const now = clock.now();
      const local = now - new Date(now).getTimezoneOffset() * MINUTE_MS;
      this.#timer = clock.after(interval - (local % interval), () => {
        this.mark('lines', 'MARK');
        this.changed();
      });
    }
  }

  close(): void {
    this.#timer?.cancel();
  }
}
