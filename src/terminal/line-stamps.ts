/** The time before the first byte after every N line ends of output (spec/conserver.md 9). */
import { LF } from '../model/ascii.ts';
import { ctime } from '../platform/ctime.ts';
import type { Stamper } from './log-options.ts';

export class LineStamps implements Stamper {
  readonly #every: number;
  #lines = 0;

  /** `every`: lines from one stamp to the next, at least 1. */
  constructor(every: number) {
    this.#every = every;
  }

  /** `data` with its stamps; `data` itself if it needs none. */
  apply(data: Uint8Array, milliseconds: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < data.length; ) {
      if (this.#lines >= this.#every) {
        parts.push(data.subarray(from, at), Buffer.from(`[${ctime(milliseconds)}]`));
        from = at;
        this.#lines = 0;
      }
      const end = data.indexOf(LF, at);
      if (end < 0) {
        break;
      }
      this.#lines++;
      at = end + 1;
    }
    return parts.length === 0 ? data : Buffer.concat([...parts, data.subarray(from)]);
  }
}
