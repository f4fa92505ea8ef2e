/** The system groups of users, looked up aside: an unknown one is waited for only briefly. */

import { type Aside, aside } from '../platform/aside.ts';
import type { Clock } from '../platform/time/clock.ts';

const VALID_FOR_MS = 5000;
const TIMEOUT_MS = 5000;
const MAX_KNOWN = 10_000;

interface Known {
  /** Absent: not known yet. */
  groups: ReadonlySet<string> | undefined;
  until: number;
  asking: Promise<void> | undefined;
}

export class Memberships {
  readonly #known = new Map<string, Known>();
  readonly #clock: Clock;
  readonly #asked: Pick<Aside, 'membershipsOf'>;
  readonly #timeoutMs: number;

  constructor(clock: Clock, asked: Pick<Aside, 'membershipsOf'> = aside, timeoutMs = TIMEOUT_MS) {
    this.#clock = clock;
    this.#asked = asked;
    this.#timeoutMs = timeoutMs;
  }

  /** According to the last answer, primary group included; an unknown user belongs to none. */
  readonly has = (user: string, group: string): boolean => this.#known.get(user)?.groups?.has(group) ?? false;

  /** Asks if the last answer is more than some seconds old, and waits for it only so long. */
  async learn(user: string): Promise<void> {
    const now = this.#clock.monotonic();
    const known = this.#known.get(user) ?? { groups: undefined, until: Number.NEGATIVE_INFINITY, asking: undefined };
    if (known.asking !== undefined || now < known.until) {
      // With a last answer only the first caller waits for the next one.
      return known.groups === undefined && known.asking !== undefined ? this.#wait(known.asking) : undefined;
    }
    this.#remember(user, known);
    known.asking = this.#asked.membershipsOf(user).then(
      (names) => {
        known.groups = new Set(names);
        known.until = this.#clock.monotonic() + VALID_FOR_MS;
        known.asking = undefined;
      },
      () => {
        known.until = this.#clock.monotonic() + VALID_FOR_MS;
        known.asking = undefined;
      },
    );
    await this.#wait(known.asking);
  }

  async #wait(asking: Promise<void>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(this.#timeoutMs, resolve);
    await Promise.race([asking, late]);
    timer.cancel();
  }

  #remember(user: string, known: Known): void {
    this.#known.delete(user);
    this.#known.set(user, known);
    if (this.#known.size > MAX_KNOWN) {
      this.#known.delete(this.#known.keys().next().value as string);
    }
  }
}
