import type { IsisClock } from './surroundings.ts';

/** Stamps may lag a step of the system's clock by this, microseconds. */
const TOLERANCE = 5000;

/** Date has milliseconds only; the microseconds come from the monotonic clock, anchored anew when the date steps. */
export class SystemClock implements IsisClock {
  #anchor = performance.timeOrigin * 1000;
  #held = false;
  #monotonic = 0;
  #wall = 0;

  monotonic(): number {
    return this.#held ? this.#monotonic : performance.now();
  }

  wall(): number {
    return this.#held ? this.#wall : this.#read();
  }

  /** Lets the time stand until `release`: a clock read for each datagram would cost as much as half its way through the server. */
  hold(): void {
    this.#held = false;
    this.#wall = this.#read();
    this.#monotonic = performance.now();
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  #read(): number {
    const elapsed = performance.now() * 1000;
    const coarse = Date.now() * 1000;
    if (Math.abs(coarse - this.#anchor - elapsed) > TOLERANCE) {
      this.#anchor = coarse - elapsed;
    }
    return this.#anchor + elapsed;
  }
}
