/** Limits how many pieces of work run at the same time. */
export class Gate {
  readonly #atOnce: number;
  readonly #waiting: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** `waiting`: how many may wait for their turn. */
  constructor(atOnce: number, waiting: number) {
    this.#atOnce = atOnce;
    this.#waiting = waiting;
  }

  /** Does the work in its turn; undefined at once if too many wait. */
  async run<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#running < this.#atOnce) {
      this.#running++;
    } else if (this.#queue.length < this.#waiting) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else {
      return undefined;
    }
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) {
        this.#running--;
      } else {
        // The slot passes to the one that has waited longest.
        next();
      }
    }
  }
}
