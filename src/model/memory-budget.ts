/** Memory for data that waits for slow readers and disks. One budget for all consoles. Pure. */

/** Figures for `holdfast doctor`. Bytes; wall times in milliseconds. */
export interface MemoryFigures {
  readonly most: number;
  readonly used: number;
  /** It was insufficient: how much was dropped that a single console would have kept. */
  readonly short?: { readonly since: number; readonly last: number; readonly bytes: number };
}

/** Milliseconds without a shortage after which the next one is reported again. */
const CALM = 10 * 60_000;

export class MemoryBudget {
  /** May change at any time. Bytes. */
  most: number;
  readonly #now: () => number;
  readonly #bites: (figures: MemoryFigures) => void;
  #used = 0;
  #short: MemoryFigures['short'];

  /** `bites` is called once when it becomes insufficient; `now`: wall time, milliseconds. */
  constructor(most: number, now: () => number, bites: (figures: MemoryFigures) => void) {
    this.most = most;
    this.#now = now;
    this.#bites = bites;
  }

  /**
   * What the queue of one log may keep: as much as is still free. All that want more converge to the same amount and
   * leave that much free for those that need little. No list has to be searched for that.
   */
  get shareOfLog(): number {
    return Math.max(0, this.most - this.#used);
  }

  /** The same for unread output, out of one half: what a log loses is gone, while readers can look into the log. */
  get shareOfReaders(): number {
    return Math.max(0, this.most / 2 - this.#used);
  }

  /** So much more is kept than before; negative for less. */
  take(bytes: number): void {
    this.#used += bytes;
  }

  /** So much was dropped for lack of memory. */
  bite(bytes: number): void {
    const now = this.#now();
    const fresh = this.#short === undefined || now - this.#short.last > CALM;
    const { since, bytes: before } = fresh || !this.#short ? { since: now, bytes: 0 } : this.#short;
    this.#short = { since, last: now, bytes: before + bytes };
    if (fresh) {
      this.#bites(this.figures);
    }
  }

  get figures(): MemoryFigures {
    return { most: this.most, used: this.#used, ...(this.#short ? { short: this.#short } : {}) };
  }
}

/** The share of a machine's memory that can be spared. */
export function sparedOf(total: number): number {
  return Math.min(Math.max(Math.floor(total / 16), 64 << 20), 1 << 30);
}

/** For people: describes the shortage of `who`. */
export function shortText(who: string, most: number): string {
  const size = `${Math.round(most / 2 ** 20)} MiB`;
  return `${who} has used up its memory for readers and logs that lag (${size}, server.lag_memory): the largest give, and miss output`;
}
