/** Puts a time stamp before the first byte of every line (spec/procserv.md 7). */
import { LF } from '../model/ascii.ts';

export class LineStamper {
  readonly #stamp: (milliseconds: number) => Uint8Array;
  #atLineStart = true;

  /** `stamp` gives the bytes for a wall time. */
  constructor(stamp: (milliseconds: number) => Uint8Array) {
    this.#stamp = stamp;
  }

  /** `data` with stamps; a line that continues an earlier call gets none. */
  apply(data: Uint8Array, milliseconds: number): Uint8Array {
    if (data.length === 0) {
      return data;
    }
    const stamp = this.#stamp(milliseconds);
    const starts: number[] = this.#atLineStart ? [0] : [];
    for (let at = data.indexOf(LF); at >= 0 && at + 1 < data.length; at = data.indexOf(LF, at + 1)) {
      starts.push(at + 1);
    }
    this.#atLineStart = data[data.length - 1] === LF;
    const out = new Uint8Array(data.length + starts.length * stamp.length);
    let from = 0;
    let to = 0;
    for (const start of starts) {
      out.set(data.subarray(from, start), to);
      to += start - from;
      out.set(stamp, to);
      to += stamp.length;
      from = start;
    }
    out.set(data.subarray(from), to);
    return out;
  }
}
