/**
 * How fast keys act. Each is a line in the log, for everybody who reads, and in a host server an event: a client that
 * sends keys without end, by mistake or not, is read more slowly, and everybody else is served. No key that was struck
 * is lost by that; of a block of input with more keys than a person strikes, only the first ones act.
 */
import type { Clock, Timer } from './clock.ts';

/** Keys of one block of input that act; where all connections together are too fast already, one. */
const BLOCK = 16;

/**
 * Keys that act at once, keys per second after that, and the longest wait of a client that is too fast, milliseconds.
 */
interface Pace {
  readonly burst: number;
  readonly rate: number;
  readonly longest: number;
}

const CONNECTION: Pace = { burst: 20, rate: 20, longest: 10_000 };
/** Here a key costs more if more than a few read it. */
const CONSOLE: Pace = { burst: 50, rate: 50, longest: 10_000 };
const FEW = 16;
/** Shorter: a client waits for this because of other consoles. */
const ALL: Pace = { burst: 200, rate: 200, longest: 2000 };

/** Tokens that come back with time; more may be taken than there are. */
class Bucket {
  readonly #pace: Pace;
  #tokens: number;
  #at = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
    this.#tokens = pace.burst;
  }

  /** Milliseconds until it is out of debt, once `tokens` have been taken at monotonic time `now`. */
  take(tokens: number, now: number): number {
    const { burst, longest, rate } = this.#pace;
    const left = Math.min(burst, this.#tokens + ((now - this.#at) * rate) / 1000) - tokens;
    this.#tokens = Math.max(left, (-longest * rate) / 1000);
    this.#at = now;
    return Math.max(0, (-this.#tokens / rate) * 1000);
  }
}

/** Of all consoles of the process. */
export class KeyPace {
  readonly #clock: Clock;
  readonly #all = new Bucket(ALL);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  console(): ConsoleKeys {
    return new ConsoleKeys(this.#clock, [this.#all, new Bucket(CONSOLE)]);
  }

  /** A connection that belongs to no console yet; `rested` is called when its rest is over. */
  connection(rested: () => void): ConnectionKeys {
    return new ConnectionKeys(this.#clock, [this.#all], rested);
  }
}

export class ConsoleKeys {
  readonly #clock: Clock;
  readonly #shared: readonly Bucket[];

  constructor(clock: Clock, shared: readonly Bucket[]) {
    this.#clock = clock;
    this.#shared = shared;
  }

  /** A new connection; `rested` is called when its rest is over. */
  connection(rested: () => void): ConnectionKeys {
    return new ConnectionKeys(this.#clock, this.#shared, rested);
  }
}

export class ConnectionKeys {
  readonly #clock: Clock;
  readonly #shared: readonly Bucket[];
  readonly #own = new Bucket(CONNECTION);
  readonly #rested: () => void;
  #rest: Timer | undefined;

  constructor(clock: Clock, shared: readonly Bucket[], rested: () => void) {
    this.#clock = clock;
    this.#shared = shared;
    this.#rested = rested;
  }

  /** It should not be read now. */
  get resting(): boolean {
    return this.#rest !== undefined;
  }

  /** How many keys of the next block may act. */
  get allowance(): number {
    const now = this.#clock.monotonic();
    return this.#shared.some((bucket) => bucket.take(0, now) > 0) ? 1 : BLOCK;
  }

  /** So many keys have acted, and so many readers were told about each. */
  acted(count: number, readers: number): void {
    const now = this.#clock.monotonic();
    const cost = count * Math.max(1, readers / FEW);
    const rest = Math.max(this.#own.take(count, now), ...this.#shared.map((bucket) => bucket.take(cost, now)));
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
