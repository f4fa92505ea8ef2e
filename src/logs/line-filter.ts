/**
 * Selects lines of a stream by their time: that of the stamp at their start, otherwise of the last line that had one;
 * before the first stamp of a file the file's own times decide for all those lines together.
 */
import { LF } from '../model/ascii.ts';
import { stampOf } from '../model/line-stamp.ts';
import { STAMP_BYTES } from './line-time.ts';

export class LineFilter {
  readonly #since: number;
  readonly #until: number;
  #keep = false;
  #atStart = true;
  /** The start of a line that is still too short to be judged. */
  #held: Buffer = Buffer.alloc(0);

  constructor(since: number, until: number) {
    this.#since = since;
    this.#until = until;
  }

  /** Starts a file whose content was written between these times. */
  begin(begun: number, ended: number): void {
    this.#keep = ended >= this.#since && begun <= this.#until;
  }

  /** The pieces of `data` that pass, in order. */
  *pass(data: Buffer): Generator<Buffer> {
    let rest = this.#held.length > 0 ? Buffer.concat([this.#held, data]) : data;
    this.#held = Buffer.alloc(0);
    let kept = 0;
    let at = 0;
    while (at < rest.length) {
      const end = rest.indexOf(LF, at);
      if (this.#atStart) {
        if (end < 0 && rest.length - at < STAMP_BYTES) {
          this.#held = Buffer.from(rest.subarray(at));
          rest = rest.subarray(0, at);
          break;
        }
        const before = this.#keep;
        this.#judge(rest.toString('latin1', at, Math.min(at + STAMP_BYTES, end < 0 ? rest.length : end)));
        if (before && !this.#keep && at > kept) {
          yield rest.subarray(kept, at);
        }
        if (before !== this.#keep) {
          kept = at;
        }
      }
      this.#atStart = end >= 0;
      at = end < 0 ? rest.length : end + 1;
    }
    if (this.#keep && rest.length > kept) {
      yield rest.subarray(kept);
    }
  }

  /** The held part of the last line, if it passes. */
  *finish(): Generator<Buffer> {
    if (this.#held.length > 0) {
      this.#judge(this.#held.toString('latin1'));
      const last = this.#held;
      this.#held = Buffer.alloc(0);
      this.#atStart = false;
      if (this.#keep) {
        yield last;
      }
    }
  }

  #judge(start: string): void {
    const at = stampOf(start);
    if (at !== undefined) {
      this.#keep = at >= this.#since && at <= this.#until;
    }
  }
}
