/** The part of a stream before the first byte of a ring: gathered as it comes, and put in front in one piece. */
import type { OutputRing, Range } from '../model/output-ring.ts';

export class Backfill {
  /** Resolves when it is in the ring, or never will be. */
  readonly complete: Promise<void>;
  /** Gives up. */
  readonly close: () => void;
  readonly #ring: OutputRing;
  readonly #until: number;
  #start: number;
  #next: number;
  #parts: Uint8Array[] = [];
  #notes: Range[] = [];

  /** `start`: offset of the first expected byte. */
  constructor(start: number, ring: OutputRing) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.complete = promise;
    this.close = resolve;
    this.#ring = ring;
    this.#until = ring.tail;
    this.#start = start;
    this.#next = start;
    this.#close();
  }

  /** Takes the part of received output that is older than the ring. */
  take(data: Uint8Array, offset: number, note: boolean): void {
    if (offset !== this.#next) {
      // Overwritten before it could be sent: the bytes so far do not adjoin.
      this.#parts = [];
      this.#notes = [];
      this.#start = offset;
    }
    // A copy, which slice() of a Buffer is not: the next output is read into the same memory.
    const part = new Uint8Array(data.subarray(0, Math.max(0, this.#until - offset)));
    this.#next = offset + data.length;
    if (part.length > 0) {
      this.#parts.push(part);
      if (note) {
        this.#notes.push({ start: offset, end: offset + part.length });
      }
    }
    this.#close();
  }

  #close(): void {
    if (this.#next < this.#until) {
      return;
    }
    if (this.#start < this.#until && this.#ring.tail === this.#until && this.#parts.length > 0) {
      this.#ring.prepend(Buffer.concat(this.#parts), this.#notes);
      this.#parts = [];
    }
    this.close();
  }
}
