/** Hands the writes of all logs to one writer thread, and its answers back to the log that asked. */
import { type NativeWriter, native } from '../platform/native.ts';

export type WriteAnswer = (written: number, errno: number) => void;

export class LogDesk {
  readonly #writer: NativeWriter;
  readonly #asked = new Map<number, WriteAnswer>();

  constructor() {
    this.#writer = native.openWriter((ticket, written, errno) => {
      const answer = this.#asked.get(ticket);
      this.#asked.delete(ticket);
      answer?.(written, errno);
    });
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
