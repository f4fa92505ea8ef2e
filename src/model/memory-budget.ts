/** Memory for what waits for somebody slow: readers that lag, disks that hesitate. One budget for all consoles. Pure. */

/** What `holdfast doctor` sees of it. Bytes; wall times in milliseconds. */
export interface MemoryFigures {
  readonly most: number;
  readonly used: number;
  /** It was not enough: how much was let go of that one console alone would have kept. */
  readonly short?: { readonly since: number; readonly last: number; readonly bytes: number };
}

/** After so long without need the next one is told of anew. Milliseconds. */
const CALM = 10 * 60_000;

export class MemoryBudget {
  /** May change at any time. Bytes. */
  most: number;
  readonly #now: () => number;
  readonly #bites: (figures: MemoryFigures) => void;
  #used = 0;
  #short: MemoryFigures['short'];

  /** `bites` is told once when it is not enough; `now`: wall time, milliseconds. */
  constructor(most: number, now: () => number, bites: (figures: MemoryFigures) => void) {
    this.most = most;
    this.#now = now;
    this.#bites = bites;
  }

  /**
   * What the queue of one log may keep: as much as is still free. Those that want more all come to rest at the same amount,
   * however many they are, and leave that much free: who wants little finds it. No list has to be looked through for that.
   */
  get shareOfLog(): number {
    return Math.max(0, this.most - this.#used);
  }

  /** The same for what readers have not had yet, out of one half: what a log loses is lost, and readers can look there. */
  get shareOfReaders(): number {
    return Math.max(0, this.most / 2 - this.#used);
  }

  /** So much more is kept than before; negative: less. */
  take(bytes: number): void {
    this.#used += bytes;
  }

  /** So much was let go of for want of memory. */
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

/** What a machine with so much memory can spare. */
export function sparedOf(total: number): number {
  return Math.min(Math.max(Math.floor(total / 16), 64 << 20), 1 << 30);
}

/** For people: what befell `who`. */
export function shortText(who: string, most: number): string {
  const size = `${Math.round(most / 2 ** 20)} MiB`;
  return `${who} has used up its memory for readers and logs that lag (${size}, server.lag_memory): the largest give, and miss output`;
}
