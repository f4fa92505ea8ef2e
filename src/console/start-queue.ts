/** Lets processes start in their order and not all at once: after a power cut the host has to get up again. */

interface Waiting {
  readonly name: string;
  readonly after: readonly string[];
  readonly go: () => void;
}

export class StartQueue {
  readonly #most: () => number;
  /** Whether a console is on its way up: others that come after it wait. */
  readonly #coming: (name: string) => boolean;
  readonly #starting = new Set<string>();
  #waiting: Waiting[] = [];
  #gathering = false;

  constructor(most: () => number, coming: (name: string) => boolean) {
    this.#most = most;
    this.#coming = coming;
  }

  /** Lets many enter before the first one goes: who comes `after` whom is known only when all are there. */
  gather(work: () => void): void {
    this.#gathering = true;
    work();
    this.#gathering = false;
    this.#next();
  }

  /** Calls `go` when there is room and what comes before is up. */
  enter(name: string, after: readonly string[], go: () => void): void {
    this.#waiting = this.#waiting.filter((each) => each.name !== name);
    this.#waiting.push({ name, after, go });
    this.#next();
  }

  /** The console is up, or down again, or not wanted any more. Whether its turn never came. */
  leave(name: string): boolean {
    this.#starting.delete(name);
    const waited = this.#waiting.some((each) => each.name === name);
    this.#waiting = this.#waiting.filter((each) => each.name !== name);
    this.#next();
    return waited;
  }

  #next(): void {
    for (const each of [...this.#waiting]) {
      if (this.#gathering || this.#starting.size >= this.#most()) {
        return;
      }
      if (this.#waiting.includes(each) && !each.after.some((name) => this.#coming(name))) {
        this.#waiting = this.#waiting.filter((other) => other !== each);
        this.#starting.add(each.name);
        each.go();
      }
    }
  }
}
