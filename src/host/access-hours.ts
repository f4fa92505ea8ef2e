/** Hears when other rules hold than a moment ago: whoever has a right until 19:00 has it no longer then, on sessions that are open. */
import { isNow } from '../access/decide.ts';
import type { AccessConfig } from '../model/access-config.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

/** Hours begin and end with a minute. */
const MINUTE_MS = 60_000;

export class AccessHours {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #next: Timer | undefined;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** These rules from now on; absent: none. */
  follow(config: AccessConfig | undefined): void {
    this.close();
    const timed = config ? [...config.rules, ...config.limits].filter(({ hours }) => hours !== undefined) : [];
    if (timed.length > 0) {
      const now = () => timed.map((rule) => isNow(rule, this.#clock.now())).join();
      this.#wait(now, now());
    }
  }

  close(): void {
    this.#next?.cancel();
    this.#next = undefined;
  }

  #wait(now: () => string, before: string): void {
    const left = MINUTE_MS - (this.#clock.now() % MINUTE_MS);
    this.#next = this.#clock.after(
      left,
      () => {
        const after = now();
        this.#wait(now, after);
        if (after !== before) {
          this.#changed();
        }
      },
      { ref: false },
    );
  }
}
