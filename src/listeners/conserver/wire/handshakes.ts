/**
 * TLS handshakes: each costs a millisecond or two of the loop, so only a few run at once, shared fairly among the
 * peers.
 */

/** So many at the same point block the loop for less than a tenth of a second. */
const MOST = 48;

export class Handshakes {
  readonly #most: number;
  /** How many of each peer are in progress. */
  readonly #running = new Map<string, number>();
  #size = 0;
  /** In order of arrival. */
  readonly #waiting = new Set<{ readonly peer: string; readonly begin: () => void }>();

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Resolves when this peer's next one may start, with a function to call once when it is over. */
  async begin(peer: string): Promise<() => void> {
    if (this.#size < this.#most) {
      this.#size++;
    } else {
      await new Promise<void>((begin) => this.#waiting.add({ peer, begin }));
    }
    this.#running.set(peer, (this.#running.get(peer) ?? 0) + 1);
    return () => this.#over(peer);
  }

  #over(peer: string): void {
    const left = (this.#running.get(peer) ?? 1) - 1;
    if (left > 0) {
      this.#running.set(peer, left);
    } else {
      this.#running.delete(peer);
    }
    const next = this.#next();
    if (next === undefined) {
      this.#size--;
    } else {
      // The slot passes to this one.
      this.#waiting.delete(next);
      next.begin();
    }
  }

  /** The waiting one whose peer has the fewest; the longest-waiting of several. */
  #next() {
    let [best, fewest] = [
      undefined as { readonly peer: string; readonly begin: () => void } | undefined,
      Number.POSITIVE_INFINITY,
    ];
    for (const each of this.#waiting) {
      const running = this.#running.get(each.peer) ?? 0;
      if (running < fewest) {
        [best, fewest] = [each, running];
      }
    }
    return best;
  }
}
