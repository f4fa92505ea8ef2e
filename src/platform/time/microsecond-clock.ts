/** Stamps may lag a step of the system's clock by this, microseconds. */
const TOLERANCE = 5000;
/** Microseconds after which a frozen clock checks for such a step: reading both clocks would cost twice as much. */
const LOOK_EVERY = 1000;

/**
 * Stamps in microseconds, one for all that arrives together. Date has milliseconds only; the microseconds come from the
 * monotonic clock, re-anchored when the date steps.
 */
export class MicrosecondClock {
  #anchor = performance.timeOrigin * 1000;
  #held = false;
  /** Microseconds of the monotonic clock: now, and when the date was looked at. */
  #elapsed = 0;
  #looked = Number.NEGATIVE_INFINITY;

  /** Milliseconds of a clock that never steps. */
  monotonic(): number {
    return this.#held ? this.#elapsed / 1000 : performance.now();
  }

  /** Microseconds since 1970, UTC. */
  wall(): number {
    if (!this.#held) {
      this.#read();
      this.#look();
    }
    return this.#anchor + this.#elapsed;
  }

  /** Freezes the time until `release`: reading the clock for each datagram would be half of its cost. */
  hold(): void {
    this.#read();
    if (this.#elapsed - this.#looked >= LOOK_EVERY) {
      this.#look();
    }
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  #read(): void {
    this.#elapsed = performance.now() * 1000;
  }

  #look(): void {
    this.#looked = this.#elapsed;
    const coarse = Date.now() * 1000;
    if (Math.abs(coarse - this.#anchor - this.#elapsed) > TOLERANCE) {
      this.#anchor = coarse - this.#elapsed;
    }
  }
}
