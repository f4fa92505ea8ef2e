/** The `Nl` timestamps of a log: the time before the first byte after every N line ends (spec/conserver.md 9). */
import { LF } from '../../../model/ascii.ts';
import { ctime } from '../../../platform/ctime.ts';

export class LineStamps {
  readonly #every: number;
  #lines = 0;

  /** `every`: lines from one stamp to the next, at least 1. */
  constructor(every: number) {
    this.#every = every;
  }

  /** `data` with its stamps; `data` itself if it needs none. */
  apply(data: Uint8Array, now: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < data.length; at++) {
      if (this.#lines >= this.#every) {
        parts.push(data.subarray(from, at), Buffer.from(`[${ctime(now)}]`));
        from = at;
        this.#lines = 0;
      }
      if (data[at] === LF) {
        this.#lines++;
      }
    }
    return parts.length === 0 ? data : Buffer.concat([...parts, data.subarray(from)]);
  }
}
