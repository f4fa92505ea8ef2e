import type { IsisClock } from './surroundings.ts';

/** Stamps may lag a step of the system's clock by this, microseconds. */
const TOLERANCE = 5000;

/** Date has milliseconds only; the microseconds come from the monotonic clock, anchored anew when the date steps. */
export class SystemClock implements IsisClock {
  #anchor = performance.timeOrigin * 1000;

  monotonic(): number {
    return performance.now();
  }

  wall(): number {
    const elapsed = performance.now() * 1000;
    const coarse = Date.now() * 1000;
    if (Math.abs(coarse - this.#anchor - elapsed) > TOLERANCE) {
      this.#anchor = coarse - elapsed;
    }
    return this.#anchor + elapsed;
  }
}
