/** The times of lines in a stream that is seen in blocks: that of the line itself, or of the last one with a stamp. */
import { lineEnd, lineStart } from './line-finder.ts';
import { stampIn } from './line-time.ts';

/** A line this far behind the last one with a stamp has no time of its own. Bytes. */
export const REACH_BYTES = 16_384;
/** Common to both forms of stamps. */
const CLOCK = /\d:\d\d:\d\d/;

/** `at` is the nearest line with a stamp, at or before the line at `upTo`; -Infinity: none is near. */
export interface Known {
  readonly upTo: number;
  readonly at: number;
  readonly time: number;
}

const NOTHING: Known = { upTo: -1, at: Number.NEGATIVE_INFINITY, time: 0 };

export class LineTimes {
  /** Before the block. */
  #before: Known = NOTHING;
  #known: Known = NOTHING;
  #block: Buffer = Buffer.alloc(0);
  #base = 0;

  /** Continues with a block that begins at a position of the stream. */
  begin(block: Buffer, base: number): void {
    this.#block = block;
    this.#base = base;
    this.#known = this.#before;
  }

  /** As of the last question. */
  get known(): Known {
    return this.#known;
  }

  /** Asks about lines that come after `known`, and then goes on where it was: otherwise they would be read from the start of the block. */
  again<Answer>(known: Known, ask: () => Answer): Answer {
    const latest = this.#known;
    this.#known = known;
    const answer = ask();
    this.#known = latest;
    return answer;
  }

  /** Of the line that begins at this place of the block, in milliseconds since 1970; undefined: unknown. */
  of(from: number): number | undefined {
    const place = this.#base + from;
    const known = this.#known.upTo <= place ? this.#known : this.#before;
    let start = from;
    for (;;) {
      if (this.#base + start <= known.upTo) {
        return this.#learn(place, known.at, known.time);
      }
      const time = stampIn(this.#block, start, lineEnd(this.#block, start));
      if (time !== undefined) {
        return this.#learn(place, this.#base + start, time);
      }
      if (start === 0) {
        return this.#learn(place, known.at, known.time);
      }
      start = lineStart(this.#block, start - 1);
      if (from - start > REACH_BYTES) {
        return this.#learn(place, Number.NEGATIVE_INFINITY, 0);
      }
    }
  }

  /** The time at the end of the block, which is not needed any more. */
  end(): number | undefined {
    const block = this.#block;
    let time: number | undefined;
    const tail = Math.max(0, block.length - REACH_BYTES);
    if (CLOCK.test(block.toString('latin1', tail))) {
      time = this.of(lineStart(block, block.length - 1));
    } else if (tail === 0) {
      time = this.#learn(this.#base + block.length - 1, this.#before.at, this.#before.time);
    } else {
      this.#known = { ...NOTHING, upTo: this.#base + block.length - 1 };
    }
    this.#before = { ...this.#known, upTo: this.#base + block.length - 1 };
    this.#block = Buffer.alloc(0);
    return time;
  }

  #learn(upTo: number, at: number, time: number): number | undefined {
    this.#known = { upTo, at, time };
    return upTo - at > REACH_BYTES ? undefined : time;
  }
}
