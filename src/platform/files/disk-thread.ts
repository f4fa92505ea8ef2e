/** One thread that works with files, and the time it has spent on its current job. */

import { type FileAnswer, type FileErrand, type NativeWriter, native } from '../native.ts';
import type { Clock } from '../time/clock.ts';

/** The outcome of a job: bytes or a descriptor, errno (0: success), and for errands their answer. */
export type Heard = (result: number, errno: number, answer?: FileAnswer) => void;

export class DiskThread {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #native: NativeWriter;
  /** Tickets in order: the first one is in progress. */
  readonly #asked = new Map<number, Heard>();
  #began = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#native = native.openWriter((ticket, result, errno, answer) => {
      const heard = this.#asked.get(ticket);
      this.#asked.delete(ticket);
      if (this.#asked.size > 0) {
        this.#began = clock.monotonic();
      }
      heard?.(result, errno, answer);
    });
  }

  /**
   * Appends `data`, which must not change until the answer. Returns the ticket to wait for, as all these methods do.
   */
  write(fd: number, data: Uint8Array, heard: Heard): number {
    return this.#expect(this.#native.write(fd, data), heard);
  }

  read(fd: number, into: Uint8Array, position: number, heard: Heard): number {
    return this.#expect(this.#native.read(fd, into, position), heard);
  }

  sync(fd: number, heard: Heard): number {
    return this.#expect(this.#native.sync(fd), heard);
  }

  /** Closing may hang too: a file server writes the file back then. */
  closeFile(fd: number, heard: Heard = () => undefined): number {
    return this.#expect(this.#native.closeFile(fd), heard);
  }

  status(fd: number, heard: Heard): number {
    return this.#expect(this.#native.status(fd), heard);
  }

  ask(errand: FileErrand, heard: Heard): number {
    return this.#expect(this.#native.ask(errand), heard);
  }

  /**
   * Waits for an answer, at most so many milliseconds; it is delivered before this returns. Returns whether it came.
   */
  wait(ticket: number, milliseconds: number): boolean {
    return this.#native.wait(ticket, milliseconds * 1000);
  }

  /** Milliseconds spent on the current job; 0 when idle. */
  get busyFor(): number {
    return this.#asked.size === 0 ? 0 : this.#clock.monotonic() - this.#began;
  }

  get idle(): boolean {
    return this.#asked.size === 0;
  }

  /** The process need not stay alive for a hung job. */
  forsake(): void {
    this.#native.forsake();
  }

  /** Queued jobs are still done, without an answer. */
  close(): void {
    this.#native.close();
  }

  #expect(ticket: number, heard: Heard): number {
    if (this.#asked.size === 0) {
      this.#began = this.#clock.monotonic();
    }
    this.#asked.set(ticket, heard);
    return ticket;
  }
}
