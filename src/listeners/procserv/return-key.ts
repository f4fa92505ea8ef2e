/** Finds the Returns of one client that come as CR LF, also where they are cut in two. */
import { CR, LF } from '../../model/ascii.ts';
import { hasPair, type LineEnds } from '../../model/line-ends.ts';

/** The two halves of one come together, but for how the network cuts them. A line feed that comes later is one. Milliseconds. */
const TOGETHER = 100;

export class ReturnKey {
  /** When a block came that ended in a carriage return. */
  #half = Number.NEGATIVE_INFINITY;

  /** What line feeds in the next block of input mean; `now` is monotonic, in milliseconds. */
  take(block: Uint8Array, now: number): LineEnds {
    const continued = block[0] === LF && now - this.#half <= TOGETHER;
    this.#half = block.at(-1) === CR ? now : Number.NEGATIVE_INFINITY;
    return continued ? 'continued' : hasPair(block) ? 'paired' : 'bytes';
  }
}
