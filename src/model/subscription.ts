/** One reader's place in a console's output. Pure. */
import type { OutputRing } from './output-ring.ts';

/** The reader's side: sockets, log followers, readiness patterns. */
export interface Reader {
  /** Takes bytes; false: it is full, and will call `resume` of its subscription. The bytes count as taken either way. */
  write(bytes: Uint8Array): boolean;
  /** Output that was overwritten before the reader took it. */
  missed(bytes: number): void;
}

/** Only holds a place in the stream, so that what follows it is kept. */
export const NOBODY: Reader = { write: () => false, missed: () => undefined };

export class Subscription {
  readonly #ring: OutputRing;
  readonly #reader: Reader;
  #offset: number;
  #full: boolean;
  /** Monotonic time at which the reader last took something, to tell slow readers from dead ones. */
  #since: number;
  readonly #monotonic: () => number;

  /** `full`: the reader takes nothing until it calls `resume`. */
  constructor(ring: OutputRing, reader: Reader, offset: number, monotonic: () => number, full = false) {
    this.#full = full;
    this.#ring = ring;
    this.#reader = reader;
    this.#offset = offset;
    this.#monotonic = monotonic;
    this.#since = monotonic();
  }

  /** Offset of the next byte that the reader gets. */
  get offset(): number {
    return this.#offset;
  }

  /** Milliseconds for which the reader has been full; 0 when it is not. */
  get stalled(): number {
    return this.#full ? this.#monotonic() - this.#since : 0;
  }

  /** Delivers what there is, until the reader is full. */
  pump(): void {
    while (!this.#full && this.#offset < this.#ring.head) {
      const gap = this.#ring.tail - this.#offset;
      if (gap > 0) {
        this.#offset += gap;
        this.#reader.missed(gap);
      }
      const bytes = this.#ring.read(this.#offset);
      this.#offset += bytes.length;
      if (!this.#reader.write(bytes)) {
        this.#full = true;
        this.#since = this.#monotonic();
      }
    }
  }

  /** The reader has room again. */
  resume(): void {
    this.#full = false;
    this.pump();
  }
}
