import type { Traffic } from './surroundings.ts';

export interface Watcher {
  /** A batch in order; `missed` messages before it were dropped because this watcher was too slow. */
  traffic(batch: readonly Traffic[], missed: number): void;
}

const MAX_WAITING = 4096;

class Watch {
  readonly #watcher: Watcher;
  readonly #failed: () => void;
  #waiting: Traffic[] = [];
  #missed = 0;
  #scheduled = false;
  #over = false;

  constructor(watcher: Watcher, failed: () => void) {
    this.#watcher = watcher;
    this.#failed = failed;
  }

  push(traffic: Traffic): void {
    if (this.#waiting.length === MAX_WAITING) {
      this.#missed += 1;
      return;
    }
    this.#waiting.push(traffic);
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#deliver());
    }
  }

  end(): void {
    this.#over = true;
    this.#waiting = [];
  }

  #deliver(): void {
    const batch = this.#waiting;
    const missed = this.#missed;
    this.#waiting = [];
    this.#missed = 0;
    this.#scheduled = false;
    if (this.#over) {
      return;
    }
    try {
      this.#watcher.traffic(batch, missed);
    } catch {
      // A watcher that throws must not affect routing.
      this.#failed();
    }
  }
}

/** Copies of the traffic for watchers: after routing, in batches, bounded; without watchers it costs nothing. */
export class Watchers {
  readonly #watches = new Set<Watch>();

  get watched(): boolean {
    return this.#watches.size > 0;
  }

  /** Returns the function that ends the watch. */
  add(watcher: Watcher): () => void {
    const end = (): void => {
      this.#watches.delete(watch);
      watch.end();
    };
    const watch = new Watch(watcher, () => end());
    this.#watches.add(watch);
    return end;
  }

  push(traffic: Traffic): void {
    for (const watch of this.#watches) {
      watch.push(traffic);
    }
  }
}
