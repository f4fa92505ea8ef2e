/** Line mode of the conserver protocol: bytes to lines with a bound (spec/conserver.md 2.1). */
import { fromBytes } from './byte-string.ts';

const LF = 0x0a;

/** Longest line kept, in bytes; nothing in the protocol comes near it. */
export const LONGEST_LINE = 16_384;

/**
 * Collects bytes and hands out lines as byte strings, with their LF. Bytes beyond the bound are dropped, the LF is
 * kept.
 */
export class LineBuffer {
  #held = new Uint8Array(256);
  #length = 0;

  /** Adds bytes up to and with the first LF. `taken` says how many: the mode may change after every line. */
  push(bytes: Uint8Array, from = 0): { readonly taken: number; readonly line?: string } {
    const end = bytes.indexOf(LF, from);
    const stop = end < 0 ? bytes.length : end + 1;
    this.#keep(bytes.subarray(from, end < 0 ? stop : end));
    return end < 0 ? { taken: stop - from } : { taken: stop - from, line: `${this.rest()}\n` };
  }

  /** Takes the bytes after the last LF, and empties the buffer. */
  rest(): string {
    const text = fromBytes(this.#held.subarray(0, this.#length));
    this.#length = 0;
    return text;
  }

  #keep(bytes: Uint8Array): void {
    const fits = bytes.subarray(0, LONGEST_LINE - this.#length);
    if (this.#length + fits.length > this.#held.length) {
      const larger = new Uint8Array(Math.min(LONGEST_LINE, 2 * (this.#length + fits.length)));
      larger.set(this.#held.subarray(0, this.#length));
      this.#held = larger;
    }
    this.#held.set(fits, this.#length);
    this.#length += fits.length;
  }
}
