/** What waits for a log's file: bounded, and what does not fit is a gap that is counted and written down in its place. */

import { LF } from '../model/ascii.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';

/** Of one log, whatever the budget of all has. Bytes. */
const LIMIT = 8 << 20;
/** That much no budget takes away: more than one read of a terminal and what is gathered for a write. Bytes. */
const LEAST = 512 << 10;

export class LogQueue {
  #pieces: Uint8Array[] = [];
  readonly #budget: MemoryBudget | undefined;
  #bytes = 0;
  #lost = 0;
  #reason = '';

  constructor(budget?: MemoryBudget) {
    this.#budget = budget;
  }

  /** What waits, with what is being written. */
  get bytes(): number {
    return this.#bytes;
  }

  get lost(): number {
    return this.#lost;
  }

  /** Behind a gap nothing fits until the gap is confessed: it is where the line about it will stand. */
  fits(bytes: Uint8Array): boolean {
    const all = this.#bytes + bytes.length;
    if (this.#lost > 0 || all > LIMIT) {
      return false;
    }
    const fits = all <= this.#limit;
    if (!fits) {
      this.#budget?.bite(bytes.length);
    }
    return fits;
  }

  get #limit(): number {
    return this.#budget ? Math.min(LIMIT, Math.max(LEAST, this.#budget.shareOfLog)) : LIMIT;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget?.take(bytes);
  }

  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#count(bytes.length);
  }

  /** Nothing of it will be written. */
  forget(): void {
    this.#pieces = [];
    this.#count(-this.#bytes);
  }

  /** Makes the gap longer, or begins it: whether that. */
  lose(bytes: Uint8Array): boolean {
    const begins = this.#lost === 0;
    this.#reason ||= 'the disk does not keep up';
    this.#lost += bytes.length;
    return begins;
  }

  /** Why what follows would be lost, or is. */
  get reason(): string {
    return this.#reason;
  }

  set reason(reason: string) {
    this.#reason = reason;
  }

  /** All that waits in one piece, which counts until it is `written`; undefined: nothing does. */
  take(): Uint8Array | undefined {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces.length <= 1 ? pieces[0] : Buffer.concat(pieces);
  }

  written(bytes: number): void {
    this.#count(-bytes);
  }

  /** Of what was taken, what could not be written: it counts already. */
  putBack(rest: Uint8Array): void {
    if (rest.length > 0) {
      this.#pieces.unshift(rest);
    }
  }

  /** To be written again, before all else. */
  repeat(pieces: readonly Uint8Array[]): void {
    this.#pieces.unshift(...pieces);
    this.#count(pieces.reduce((sum, { length }) => sum + length, 0));
  }

  /** Puts a line about the missing bytes where they would have been: behind all that still found room. `lastByte`: of the file. */
  confess(lastByte: number): { readonly bytes: number; readonly reason: string } | undefined {
    // While half of it still waits, there is no room for the line about the gap.
    if (this.#lost === 0 || this.#bytes >= this.#limit / 2) {
      return undefined;
    }
    const gap = { bytes: this.#lost, reason: this.#reason };
    this.push(missingLine(gap.bytes, gap.reason, this.#pieces.at(-1)?.at(-1) ?? lastByte));
    this.#lost = 0;
    this.#reason = '';
    return gap;
  }
}

/** What was written since the file was last seen in its place: written again should it turn out to have been deleted. */
export class Unseen {
  /** Undefined: it was too much to keep. */
  #pieces: Uint8Array[] | undefined = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > KEPT) {
      this.#pieces = undefined;
    }
    this.#pieces?.push(bytes);
  }

  /** What came before all this was not seen either. */
  precededBy(earlier: Unseen): void {
    this.#pieces = earlier.#pieces && this.#pieces && [...earlier.#pieces, ...this.#pieces];
    this.#bytes += earlier.#bytes;
  }

  get pieces(): readonly Uint8Array[] | undefined {
    return this.#pieces;
  }
}

/** Bytes. */
const KEPT = 1 << 20;

/** Says in the log what it lacks; `lastByte` is the one that it follows. */
export function missingLine(bytes: number, reason: string, lastByte: number): Uint8Array {
  const start = lastByte === LF ? '' : '\r\n';
  return Buffer.from(`${start}@@@ ${bytes} bytes are missing here in the log: ${reason}\r\n`);
}
