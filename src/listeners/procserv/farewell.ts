/**
 * When a peer that writes no more is let go (spec/procserv.md 13.8): when the output has been quiet, so that it has the reply
 * to what it sent, or after a limit, from when on only what was said before is still handed over, as long as the peer takes it.
 * Times in milliseconds of a monotonic clock.
 */

/** The reply is over when nothing was said for this long. */
const QUIET = 1000;
/** The longest that new output is waited for, and that a peer that takes nothing is. */
const LIMIT = 4000;

export interface Delivery {
  /** Offset behind the last byte of the output. */
  readonly head: number;
  /** Offset of the next byte for this peer. */
  readonly taken: number;
  /** For how long the peer has taken nothing of what waits for it. Milliseconds. */
  readonly stalled: number;
}

export class Farewell {
  readonly #began: number;
  #head: number | undefined;
  /** Since when there is nothing new. */
  #quiet: number;
  /** What the peer is still to get. */
  #goal: number | undefined;

  constructor(now: number) {
    this.#began = now;
    this.#quiet = now;
  }

  /** Whether the peer is to go now. */
  isOver(now: number, { head, taken, stalled }: Delivery): boolean {
    if (head !== this.#head || taken < head) {
      this.#head = head;
      this.#quiet = now;
    }
    if (now - this.#began >= LIMIT) {
      this.#goal ??= head;
    }
    const served = this.#goal !== undefined && (taken >= this.#goal || stalled >= LIMIT);
    return served || now - this.#quiet >= QUIET;
  }
}
