/** Hands the writes of all logs to one writer thread, and its answers back to the log that asked. */
import type { Clock } from '../platform/clock.ts';
import { type NativeWriter, native } from '../platform/native.ts';

/**
 * Who saw a line finds it in the log, so readers wait for every write: normally that takes microseconds, and `MOMENT` is
 * granted to each. A disk that hesitates longer, as in a commit of its journal, may use up `PATIENCE` and gets back a
 * `SHARE` of the time that passes; a disk that hangs has soon used it up, and holds nobody any more. Milliseconds.
 */
const MOMENT = 2;
const PATIENCE = 500;
const SHARE = 1 / 20;

export type WriteAnswer = (written: number, errno: number) => void;

export class LogDesk {
  /** How long output is gathered before it is written, milliseconds; 0: not at all. */
  delay: number;
  readonly #writer: NativeWriter;
  readonly #clock: Clock;
  readonly #most: number;
  /** What is left of it at `#asOf`, milliseconds. */
  #patience: number;
  #asOf: number;
  /** Logs that have gathered something: one timer serves them all. */
  #gathered: (() => void)[] = [];
  readonly #asked = new Map<number, WriteAnswer>();

  /** `patience`: how long a disk that hesitates may hold up the readers of all logs together, milliseconds. */
  constructor(clock: Clock, delay = 0, patience = PATIENCE) {
    this.#clock = clock;
    this.delay = delay;
    this.#most = patience;
    this.#patience = patience;
    this.#asOf = clock.monotonic();
    this.#writer = native.openWriter((ticket, written, errno) => {
      const answer = this.#asked.get(ticket);
      this.#asked.delete(ticket);
      answer?.(written, errno);
    });
  }

  /** Calls `flush` when the delay is over, together with those of the other logs. */
  soon(flush: () => void): void {
    this.#gathered.push(flush);
    if (this.#gathered.length === 1) {
      this.#clock.after(this.delay, () => {
        for (const each of this.#gathered.splice(0)) {
          each();
        }
      });
    }
  }

  /** Appends `data` to the file; it must not change until the answer. Returns the ticket to wait for. */
  write(fd: number, data: Uint8Array, answer: WriteAnswer): number {
    const ticket = this.#writer.write(fd, data);
    this.#asked.set(ticket, answer);
    return ticket;
  }

  /** Waits for an answer, as long as the patience lasts; it is delivered before this returns. Whether it came. */
  wait(ticket: number): boolean {
    const began = this.#clock.monotonic();
    const patience = Math.min(this.#most, this.#patience + (began - this.#asOf) * SHARE);
    const came = this.#writer.wait(ticket, (MOMENT + patience) * 1000);
    this.#asOf = this.#clock.monotonic();
    // Not below 0: a process that was stopped in here would else owe all that time.
    this.#patience = Math.max(0, patience - Math.max(0, this.#asOf - began - MOMENT));
    return came;
  }

  close(): void {
    this.#writer.close();
  }
}
