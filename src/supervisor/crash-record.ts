/** The data for the back-off and the limit of restarts. */

import type { RestartPolicy } from '../model/supervision.ts';
import type { Clock } from '../platform/time/clock.ts';
import { holdoffAfter } from './policy.ts';

/** A crash record as a server leaves it to the next one. */
export interface Crashes {
  /** Early deaths in a row. */
  readonly early: number;
  /** Wall times of the automatic restarts that count against the limit, milliseconds, oldest first. */
  readonly restarts: readonly number[];
}

export class CrashRecord {
  readonly #clock: Clock;
  #early = 0;
  /** Monotonic times. */
  #restarts: readonly number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Monotonic times of the automatic restarts so far. */
  get restarts(): readonly number[] {
    return this.#restarts;
  }

  /** Milliseconds from a start to the next one. */
  holdoff(policy: RestartPolicy): number {
    return holdoffAfter(policy, this.#early);
  }

  /** A child has ended that was started at this monotonic time. */
  ended(policy: RestartPolicy, started: number): void {
    const lived = this.#clock.monotonic() - started;
    this.#early = lived < this.holdoff(policy) ? this.#early + 1 : 0;
  }

  restarted(policy: RestartPolicy): void {
    this.#restarts = [...this.#restarts, this.#clock.monotonic()];
    this.#forgetOld(policy);
  }

  /** A user has taken care of it. */
  forgive(): void {
    this.#early = 0;
    this.#restarts = [];
  }

  get saved(): Crashes {
    const boot = this.#clock.now() - this.#clock.monotonic();
    return { early: this.#early, restarts: this.#restarts.map((time) => Math.round(boot + time)) };
  }

  /** Continues from the record of an earlier server. */
  resume({ early, restarts }: Crashes, policy: RestartPolicy): void {
    const now = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    this.#early = early;
    // The wall clock may have been set back since.
    this.#restarts = restarts.map((time) => monotonic - Math.max(0, now - time));
    this.#forgetOld(policy);
  }

  /** Restarts older than the window of the limit do not count and need no memory. */
  #forgetOld({ limit }: RestartPolicy): void {
    const now = this.#clock.monotonic();
    this.#restarts = this.#restarts.filter((time) => now - time < (limit?.within ?? 0));
  }
}
