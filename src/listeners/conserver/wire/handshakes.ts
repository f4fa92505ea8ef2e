/** TLS handshakes: each costs a millisecond or two of the loop, so only so many go on at once, shared out among the peers. */

/** As many that come to the same point at the same moment hold the loop up for less than a tenth of a second. */
const MOST = 48;

export class Handshakes {
  readonly #most: number;
  /** How many of each peer go on. */
  readonly #running = new Map<string, number>();
  #size = 0;
  /** In the order of their coming. */
  readonly #waiting = new Set<{ readonly peer: string; readonly begin: () => void }>();

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Resolves when this peer's next one may begin; what it resolves with is called once, when that one is over. */
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
      // The place goes on to this one.
      this.#waiting.delete(next);
      next.begin();
    }
  }

  /** Of those who wait the one whose peer has fewest; who waits longest of several. */
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
