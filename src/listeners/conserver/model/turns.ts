/** Requests of clients are answered in turns: a share in each pass of the event loop, then everybody else is served. */
import type { Clock } from '../../../platform/time/clock.ts';

/** Milliseconds for answers in one pass. */
const SHARE = 5;

export class Turns {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** In the order in which they have to be called. */
  #waiting = new Set<() => void>();
  /** When the share of this pass is used up; undefined if it has not started. */
  #until: number | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether the share of this pass is used up: then `wait`. */
  get over(): boolean {
    const now = this.#clock.monotonic();
    if (this.#until === undefined) {
      this.#until = now + SHARE;
      setImmediate(() => this.#next());
    }
    return now >= this.#until;
  }

  /** Calls back in a later pass, longest wait first; each action once. */
  wait(action: () => void): void {
    this.#waiting.add(action);
  }

  forget(action: () => void): void {
    this.#waiting.delete(action);
  }

  #next(): void {
    this.#until = undefined;
    // Actions that wait again in this pass come after those still waiting.
    for (const action of this.#waiting) {
      if (this.over) {
        return;
      }
      this.#waiting.delete(action);
      action();
    }
  }
}
