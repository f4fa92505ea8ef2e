/** So many refusals are recorded one by one that people see what happens, and not so many that strangers displace what others did. */
import type { Principal } from '../model/principal.ts';
import type { Clock } from '../platform/time/clock.ts';

const WINDOW_MS = 60_000;
/** In a window, of one source and of all. */
const MOST_OF_ONE = 20;
const MOST = 200;

export class RefusalPace {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #rest: (count: number) => void;
  readonly #counts = new Map<string, number>();
  #total = 0;
  #left = 0;

  /** `rest` is called at the end of a window for those that are not recorded. */
  constructor(clock: Pick<Clock, 'after'>, rest: (count: number) => void) {
    this.#clock = clock;
    this.#rest = rest;
  }

  /** Whether it is recorded. */
  admits(by: Principal): boolean {
    if (this.#total === 0) {
      this.#clock.after(WINDOW_MS, () => this.#over(), { ref: false });
    }
    this.#total++;
    const source = sourceOf(by);
    const count = (this.#counts.get(source) ?? 0) + 1;
    const admitted = this.#total - this.#left <= MOST && count <= MOST_OF_ONE;
    if (admitted) {
      this.#counts.set(source, count);
    } else {
      this.#left++;
    }
    return admitted;
  }

  #over(): void {
    const left = this.#left;
    this.#counts.clear();
    this.#total = 0;
    this.#left = 0;
    if (left > 0) {
      this.#rest(left);
    }
  }
}

/** A port, a process, or a name that is only claimed: one source may have as many of them as it likes. */
function sourceOf({ assurance, channel, from, user }: Principal): string {
  const isClaimed = assurance === 'none' || assurance === 'claimed';
  return [channel, from, ...(isClaimed ? [] : [user])].join(' ');
}
