/**
 * Messages that go back to the address they came from. A client with several names there may want that; two servers
 * that take each other for the same host would loop forever.
 */
const MAX_PER_SECOND = 2000;
/** Looping messages are gone by then. */
const PAUSE_MS = 10_000;

export class Returns {
  #since = Number.NEGATIVE_INFINITY;
  #count = 0;
  #until = Number.NEGATIVE_INFINITY;

  /** Counts one; false: there are so many that they must be looping. `now`: monotonic milliseconds. */
  allow(now: number): boolean {
    if (now < this.#until) {
      return false;
    }
    if (now - this.#since >= 1000) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count > MAX_PER_SECOND) {
      this.#until = now + PAUSE_MS;
    }
    return this.#count <= MAX_PER_SECOND;
  }
}
