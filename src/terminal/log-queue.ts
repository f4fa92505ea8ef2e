/**
 * The output that waits for a log's file: bounded; output that does not fit is a gap, which is counted and recorded in
 * its place.
 */

import { LF } from '../model/ascii.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';

/** Bound of one log, whatever the common budget. */
const MAX_BYTES = 8 << 20;
/** Guaranteed whatever the budget: more than one read of a terminal and the output gathered for a write. */
const MIN_BYTES = 512 << 10;

export class LogQueue {
  #pieces: Uint8Array[] = [];
  readonly #budget: MemoryBudget | undefined;
  #bytes = 0;
  #lost = 0;
  #reason = '';
  #lastByte = LF;

  constructor(budget?: MemoryBudget) {
    this.#budget = budget;
  }

  /** The waiting output, including the write under way. */
  get bytes(): number {
    return this.#bytes;
  }

  get lost(): number {
    return this.#lost;
  }

  /** After a gap nothing fits until the gap is recorded: the line about it will be in its place. */
  fits(bytes: Uint8Array): boolean {
    const all = this.#bytes + bytes.length;
    if (this.#lost > 0 || all > MAX_BYTES) {
      return false;
    }
    const fits = all <= this.#limit;
    if (!fits) {
      this.#budget?.bite(bytes.length);
    }
    return fits;
  }

  get #limit(): number {
    return this.#budget ? Math.min(MAX_BYTES, Math.max(MIN_BYTES, this.#budget.shareOfLog)) : MAX_BYTES;
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

  /** Extends the gap, or begins it; returns whether it begins. */
  lose(bytes: Uint8Array): boolean {
    const begins = this.#lost === 0;
    this.#reason ||= 'the disk does not keep up';
    this.#lost += bytes.length;
    return begins;
  }

  /** The reason why further output would be lost, or is. */
  get reason(): string {
    return this.#reason;
  }

  set reason(reason: string) {
    this.#reason = reason;
  }

  /** All waiting output in one piece, which counts until it is `written`; undefined if there is none. */
  take(): Uint8Array | undefined {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces.length <= 1 ? pieces[0] : Buffer.concat(pieces);
  }

  /** This much of the taken output is in the file; the rest waits again. */
  written(bytes: Uint8Array, count: number): void {
    this.#count(-count);
    this.#lastByte = bytes[count - 1] ?? this.#lastByte;
    if (count < bytes.length) {
      this.#pieces.unshift(bytes.subarray(count));
    }
  }

  /** The last byte that is in the file. */
  get lastByte(): number {
    return this.#lastByte;
  }

  /** The file is an empty one. */
  beginsLine(): void {
    this.#lastByte = LF;
  }

  /** To be written again, before everything else. */
  repeat(pieces: readonly Uint8Array[]): void {
    this.#pieces.unshift(...pieces);
    this.#count(pieces.reduce((sum, { length }) => sum + length, 0));
  }

  /** Puts a line about the missing bytes in their place: after all output that still fit. */
  confess(): { readonly bytes: number; readonly reason: string } | undefined {
    // While half of it still waits, there is no room for the line about the gap.
    if (this.#lost === 0 || this.#bytes >= this.#limit / 2) {
      return undefined;
    }
    const gap = { bytes: this.#lost, reason: this.#reason };
    this.push(missingLine(gap.bytes, gap.reason, this.#pieces.at(-1)?.at(-1) ?? this.#lastByte));
    this.#lost = 0;
    this.#reason = '';
    return gap;
  }
}

/** Records in the log what is missing; `lastByte` is the one before it. */
export function missingLine(bytes: number, reason: string, lastByte: number): Uint8Array {
  const start = lastByte === LF ? '' : '\r\n';
  return Buffer.from(`${start}@@@ ${bytes} bytes are missing here in the log: ${reason}\r\n`);
}
