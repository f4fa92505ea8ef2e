/**
 * Decides when a peer that has stopped writing is closed (spec/procserv.md 13.8): when the output has been quiet, so
 * that it has the reply to its input, or after a limit, after which only earlier output is still delivered, as long as
 * the peer takes it. Times in milliseconds of a monotonic clock.
 */

/** The reply is complete after this long without output. */
const QUIET_MS = 1000;
/** The longest wait for new output, and for a peer that takes nothing. */
const LIMIT_MS = 4000;

export interface Delivery {
  /** Offset after the last byte of the output. */
  readonly head: number;
  /** Offset of the next byte for this peer. */
  readonly taken: number;
  /** Milliseconds for which the peer has taken nothing of the output that waits for it. */
  readonly stalled: number;
}

export class Farewell {
  readonly #began: number;
  #head: number | undefined;
  /** Since when there is nothing new. */
  #quiet: number;
  /** The output that the peer must still get. */
  #goal: number | undefined;

  constructor(now: number) {
    this.#began = now;
    this.#quiet = now;
  }

  /** Whether to close the peer now. */
  isOver(now: number, { head, taken, stalled }: Delivery): boolean {
    if (head !== this.#head || taken < head) {
      this.#head = head;
      this.#quiet = now;
    }
    if (now - this.#began >= LIMIT_MS) {
      this.#goal ??= head;
    }
    const served = this.#goal !== undefined && (taken >= this.#goal || stalled >= LIMIT_MS);
    return served || now - this.#quiet >= QUIET_MS;
  }
}
