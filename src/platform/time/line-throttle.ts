import type { Clock, Timer } from './clock.ts';

/** Lines that a period lets through. */
const MOST = 20;
const PERIOD_MS = 10_000;

/**
 * Limits log lines that strangers can cause: so many per period; the others are counted and reported in one line at its
 * end.
 */
export class LineThrottle {
  readonly #clock: Clock;
  readonly #say: (text: string) => void;
  #told = 0;
  #held = 0;
  #last = '';
  #period: Timer | undefined;

  constructor(clock: Clock, say: (text: string) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  say(text: string): void {
    this.#period ??= this.#clock.after(PERIOD_MS, () => this.#over(), { ref: false });
    if (this.#told < MOST) {
      this.#told++;
      this.#say(text);
    } else {
      this.#held++;
      this.#last = text;
    }
  }

  #over(): void {
    const [held, last] = [this.#held, this.#last];
    this.#period = undefined;
    this.#told = 0;
    this.#held = 0;
    if (held > 0) {
      this.#say(`${held} more lines like these, the last: ${last}`);
    }
  }
}
