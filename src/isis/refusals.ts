import type { IsisClock } from './surroundings.ts';

/**
 * Refusals are reported at most this often, with their number: a flood of messages must not become a flood of events.
 */
const REPORT_MS = 1000;

/** Refused messages, each with a reason. */
export class Refusals {
  readonly #clock: Pick<IsisClock, 'monotonic'>;
  readonly #report: (text: string, count: number) => void;
  #count = 0;
  #reported = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<IsisClock, 'monotonic'>, report: (text: string, count: number) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  add(reason: string): void {
    this.#count += 1;
    const now = this.#clock.monotonic();
    if (now - this.#reported >= REPORT_MS) {
      const count = this.#count;
      this.#count = 0;
      this.#reported = now;
      this.#report(`refused ${count} message(s), the last because ${reason}`, count);
    }
  }
}
