/** What clients ask is answered in turns: so much in one pass of the event loop, then everybody else is served. */

/** Answers of one pass take about this much. Milliseconds. */
const SHARE = 5;

export class Turns {
  readonly #now: () => number;
  /** In the order in which they have to be called. */
  #waiting = new Set<() => void>();
  /** When the share of this pass is used up; undefined: it has not begun. */
  #until: number | undefined;

  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /** Whether the share of this pass is used up: then `wait`. */
  get over(): boolean {
    const now = this.#now();
    if (this.#until === undefined) {
      this.#until = now + SHARE;
      setImmediate(() => this.#next());
    }
    return now >= this.#until;
  }

  /** Calls back in a later pass, who waits longest first; the same action once. */
  wait(action: () => void): void {
    this.#waiting.add(action);
  }

  forget(action: () => void): void {
    this.#waiting.delete(action);
  }

  #next(): void {
    this.#until = undefined;
    // Who waits again in this pass is behind those who still wait.
    for (const action of this.#waiting) {
      if (this.over) {
        return;
      }
      this.#waiting.delete(action);
      action();
    }
  }
}
