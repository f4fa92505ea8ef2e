/** Hands the writes of all logs to one writer thread, and its answers back to the log that asked. */
import type { Clock } from '../platform/clock.ts';
import { type NativeWriter, native } from '../platform/native.ts';

export type WriteAnswer = (written: number, errno: number) => void;

export class LogDesk {
  /** How long output is gathered before it is written, milliseconds; 0: not at all. */
  delay: number;
  readonly #writer: NativeWriter;
  readonly #clock: Clock;
  /** Logs that have gathered something: one timer serves them all. */
  #gathered: (() => void)[] = [];
  readonly #asked = new Map<number, WriteAnswer>();

  constructor(clock: Clock, delay = 0) {
    this.#clock = clock;
    this.delay = delay;
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

  /** Waits for an answer, at the most `micros`; it is delivered before this returns. Whether it came. */
  wait(ticket: number, micros: number): boolean {
    return this.#writer.wait(ticket, micros);
  }

  close(): void {
    this.#writer.close();
  }
}
