/**
 * How fast keys act. Each is a line in the log, for everybody who reads, and in a host server an event: a client that sends
 * keys without end, by mistake or not, is read more slowly, and everybody else is served. No key that was struck is lost by that;
 * of a block of input in which there are more of them than anybody strikes, only the first act.
 */
import type { Clock, Timer } from '../../platform/clock.ts';

/** Keys of one block of input that act; while all connections together are too fast, one. */
const BLOCK = 16;
/** Keys of one connection that act at once, and then in a second. */
const OWN = { burst: 20, rate: 20 };
/** The same for all connections of the process. A key that more than a few read costs more. */
const ALL = { burst: 200, rate: 200 };
const FEW = 16;
/** What a connection waits at the longest because of the others. Milliseconds. */
const LONGEST = 2000;

/** Tokens that come back with time; more may be taken than there are. */
class Bucket {
  readonly #burst: number;
  readonly #rate: number;
  #tokens: number;
  #at = Number.NEGATIVE_INFINITY;

  /** `rate`: tokens a second. */
  constructor({ burst, rate }: { readonly burst: number; readonly rate: number }) {
    this.#burst = burst;
    this.#rate = rate;
    this.#tokens = burst;
  }

  /** Milliseconds until it is out of debt, once `tokens` were taken at monotonic time `now`. */
  take(tokens: number, now: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#rate) / 1000) - tokens;
    this.#at = now;
    return Math.max(0, (-this.#tokens / this.#rate) * 1000);
  }
}

/** Of all connections of the process. */
export class KeyPace {
  readonly #clock: Clock;
  readonly #all = new Bucket(ALL);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new connection; `rested` is called when its rest is over. */
  connection(rested: () => void): ConnectionKeys {
    return new ConnectionKeys(this.#clock, this.#all, rested);
  }
}

export class ConnectionKeys {
  readonly #clock: Clock;
  readonly #all: Bucket;
  readonly #own = new Bucket(OWN);
  readonly #rested: () => void;
  #rest: Timer | undefined;

  constructor(clock: Clock, all: Bucket, rested: () => void) {
    this.#clock = clock;
    this.#all = all;
    this.#rested = rested;
  }

  /** It should not be read now. */
  get resting(): boolean {
    return this.#rest !== undefined;
  }

  /** How many keys of the next block may act. */
  get allowance(): number {
    return this.#all.take(0, this.#clock.monotonic()) > 0 ? 1 : BLOCK;
  }

  /** So many have acted, of which so many readers were told. */
  acted(count: number, readers: number): void {
    const now = this.#clock.monotonic();
    const others = Math.min(LONGEST, this.#all.take(count * Math.max(1, readers / FEW), now));
    const rest = Math.max(others, this.#own.take(count, now));
    if (rest > 0) {
      this.#rest?.cancel();
      this.#rest = this.#clock.after(rest, () => {
        this.#rest = undefined;
        this.#rested();
      });
    }
  }

  close(): void {
    this.#rest?.cancel();
  }
}
