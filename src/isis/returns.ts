/**
 * Messages that go back to the address that they came from. A client with several names there may want that; two servers that take
 * each other for the same host would do it for ever.
 */
const MOST_PER_SECOND = 2000;
/** What is on its way round is gone by then. */
const PAUSE_MS = 10_000;

export class Returns {
  #since = Number.NEGATIVE_INFINITY;
  #count = 0;
  #until = Number.NEGATIVE_INFINITY;

  /** Counts one; false: there are so many that they are going round. `now`: milliseconds that never step. */
  allow(now: number): boolean {
    if (now < this.#until) {
      return false;
    }
    if (now - this.#since >= 1000) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count > MOST_PER_SECOND) {
      this.#until = now + PAUSE_MS;
    }
    return this.#count <= MOST_PER_SECOND;
  }
}
