/** What waits for a log's file: bounded, and what does not fit is a gap that is counted and written down in its place. */

/** Bytes. */
const LIMIT = 8 << 20;
/** With a gap to confess, when this much still waits, there is no room for the line about it. Bytes. */
const CONFESS_BELOW = LIMIT / 2;
const LF = 10;

export class LogQueue {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #lost = 0;
  #reason = '';

  /** What waits, with what is being written. */
  get bytes(): number {
    return this.#bytes;
  }

  get lost(): number {
    return this.#lost;
  }

  /** Behind a gap nothing fits until the gap is confessed: it is where the line about it will stand. */
  fits(bytes: Uint8Array): boolean {
    return this.#lost === 0 && this.#bytes + bytes.length <= LIMIT;
  }

  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
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
    this.#bytes -= bytes;
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
    this.#bytes += pieces.reduce((sum, { length }) => sum + length, 0);
  }

  /** Puts a line about the missing bytes where they would have been: behind all that still found room. `lastByte`: of the file. */
  confess(lastByte: number): { readonly bytes: number; readonly reason: string } | undefined {
    if (this.#lost === 0 || this.#bytes >= CONFESS_BELOW) {
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
