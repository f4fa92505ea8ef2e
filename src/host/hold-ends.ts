/**
 * Ends holds that end by themselves. Someone may be at the hardware that a hold keeps down, and clocks are wrong: ahead
 * at boot until NTP has set them, or set by hand. So an end counts at once only if it comes while the clock runs
 * steadily; one that has passed already, or that the clock has jumped over, counts when the clock has run steadily for
 * a while and it still has passed.
 */
import type { Clock, Timer } from '../platform/time/clock.ts';

/** Milliseconds after which a clock that was not set is trusted. */
export const STEADY_MS = 300_000;
/** Milliseconds between checks whether the clock was set. */
const POLL_INTERVAL_MS = 20_000;
/** Milliseconds: a smaller difference is a late timer or a slow adjustment, not a setting. */
export const CLOCK_STEP_MS = 1000;

export class HoldEnds {
  readonly #clock: Clock;
  readonly #over: (name: string) => void;
  readonly #doubted: (name: string, until: number) => void;
  /** Wall time in milliseconds, and whether the doubt was reported. */
  readonly #ends = new Map<string, { readonly until: number; told: boolean }>();
  /** Monotonic time since which the clock was not set, and how far ahead of that the wall clock is. */
  #steadySince: number;
  #ahead: number;
  #timer: Timer | undefined;

  /**
   * `over` is called for a hold whose end has come, `doubted` once for one that must wait although the clock says so.
   */
  constructor(clock: Clock, over: (name: string) => void, doubted: (name: string, until: number) => void) {
    this.#clock = clock;
    this.#over = over;
    this.#doubted = doubted;
    this.#steadySince = clock.monotonic();
    this.#ahead = clock.now() - this.#steadySince;
  }

  /** The clock was not set since `steadySince` either (monotonic): an earlier server knows. */
  trust(steadySince: number): void {
    this.#steadySince = Math.min(this.#steadySince, steadySince);
  }

  /** Replaces an earlier one; `until`: ISO 8601; undefined: it does not end by itself. */
  set(name: string, until: string | undefined): void {
    this.#ends.delete(name);
    if (until !== undefined) {
      this.#ends.set(name, { until: Date.parse(until), told: false });
    }
    this.#look();
  }

  #look(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const now = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    if (Math.abs(now - monotonic - this.#ahead) > CLOCK_STEP_MS) {
      this.#steadySince = monotonic;
      this.#ahead = now - monotonic;
    }
    const believed = monotonic - this.#steadySince >= STEADY_MS;
    const seen = this.#steadySince + this.#ahead;
    let next = POLL_INTERVAL_MS;
    for (const [name, end] of [...this.#ends]) {
      if (end.until > now) {
        next = Math.min(next, end.until - now);
      } else if (believed || end.until > seen) {
        this.#ends.delete(name);
        this.#over(name);
      } else if (!end.told) {
        end.told = true;
        this.#doubted(name, end.until);
      }
    }
    if (this.#ends.size > 0) {
      this.#timer ??= this.#clock.after(next, () => this.#look());
    }
  }
}

/** Why a hold goes on beyond its end. */
export function doubtText(until: number): string {
  return `by the clock its hold ended at ${new Date(until).toISOString()}, which no server saw; it ends when the clock has run for ${
    STEADY_MS / 60_000
  } minutes without being set`;
}
