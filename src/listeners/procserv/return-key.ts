/** Finds the Returns of one client that come as CR LF, even if they are cut in two. */
import { CR, LF } from '../../model/ascii.ts';
import { hasPair, type LineEnds } from '../../model/line-ends.ts';

/**
 * The two halves of a Return come together, unless the network cuts them. A later line feed is a separate
 * Return.
 */
const TOGETHER_MS = 100;

export class ReturnKey {
  /** The time of a block that ended in a carriage return. */
  #half = Number.NEGATIVE_INFINITY;

  /** The meaning of line feeds in the next block of input; `now` is monotonic, in milliseconds. */
  take(block: Uint8Array, now: number): LineEnds {
    const continued = block[0] === LF && now - this.#half <= TOGETHER_MS;
    this.#half = block.at(-1) === CR ? now : Number.NEGATIVE_INFINITY;
    return continued ? 'continued' : hasPair(block) ? 'paired' : 'bytes';
  }
}
