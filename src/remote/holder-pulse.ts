/** Checks every second whether the holder answers, so that no request has to wait to find out. */
import type { Clock, Timer } from '../platform/time/clock.ts';

export interface PulseParts {
  readonly clock: Clock;
  /** Sends an empty request; resolves with the answer. */
  readonly ping: () => Promise<unknown>;
  /** It has not answered for a while, to a request at `since` (wall time, milliseconds). */
  readonly silent: (since: number) => void;
  /** It answers again, after this many milliseconds. */
  readonly back: (after: number) => void;
}

/** A holder that has not answered for this long is not waited for. */
export const HOLDER_TIMEOUT_MS = 2000;
/** Between two looks. */
const BEAT_MS = 1000;

/** There is a holder that does not answer: the request is still pending. */
export class HolderSilent extends Error {
  override readonly message = 'the holder does not answer';
}

export class HolderPulse {
  readonly #parts: PulseParts;
  /** The time of an unanswered request: monotonic and wall time. */
  #asked: { readonly at: number; readonly wall: number } | undefined;
  #silentSince: number | undefined;
  #timer: Timer;
  #closed = false;
  #unsettled: (() => void)[] = [];

  constructor(parts: PulseParts) {
    this.#parts = parts;
    this.#timer = parts.clock.after(BEAT_MS, () => this.#beat());
  }

  /** Wall time in milliseconds; undefined: it answers. */
  get silentSince(): number | undefined {
    return this.#silentSince;
  }

  /**
   * The answer to `ask`, if it comes in time; otherwise rejects with HolderSilent. Sends nothing while the holder is
   * known to be silent.
   */
  within<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#silentSince !== undefined) {
      return Promise.reject(new HolderSilent());
    }
    const wall = this.#parts.clock.now();
    return new Promise((resolve, reject) => {
      let open = true;
      const timer = this.#parts.clock.after(HOLDER_TIMEOUT_MS, () =>
        this.#afterReading(() => {
          if (open) {
            this.#declare(wall);
            reject(new HolderSilent());
          }
        }),
      );
      const settled =
        <Arguments extends readonly unknown[]>(settle: (...words: Arguments) => void) =>
        (...words: Arguments): void => {
          open = false;
          timer.cancel();
          settle(...words);
        };
      ask().then(settled(resolve), settled(reject));
    });
  }

  /** Resolves when the check that is under way has its answer, or finds a silent holder. As a rule there is none. */
  async settled(): Promise<void> {
    if (this.#asked && this.#silentSince === undefined && !this.#closed) {
      await new Promise<void>((resolve) => this.#unsettled.push(resolve));
    }
  }

  /** The connection is over: the check ends. */
  close(): void {
    this.#closed = true;
    this.#timer.cancel();
    this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#unsettled.splice(0)) {
      resolve();
    }
  }

  #beat(): void {
    if (this.#asked === undefined) {
      this.#ping();
    } else if (this.#parts.clock.monotonic() - this.#asked.at >= HOLDER_TIMEOUT_MS) {
      this.#afterReading(() => this.#asked && this.#declare(this.#asked.wall));
    }
    this.#timer = this.#parts.clock.after(BEAT_MS, () => this.#beat());
  }

  #ping(): void {
    const { clock, back, ping } = this.#parts;
    this.#asked = { at: clock.monotonic(), wall: clock.now() };
    ping().then(
      () => {
        this.#asked = undefined;
        const since = this.#silentSince;
        this.#silentSince = undefined;
        this.#settle();
        if (since !== undefined) {
          back(clock.now() - since);
        }
      },
      // The connection is gone, and this with it.
      () => undefined,
    );
  }

  /** We may have been stopped ourselves, and its answer may have arrived. */
  #afterReading(action: () => void): void {
    setImmediate(action);
  }

  #declare(since: number): void {
    if (!this.#closed && this.#silentSince === undefined) {
      this.#silentSince = since;
      this.#settle();
      if (this.#asked === undefined) {
        this.#ping();
      }
      this.#parts.silent(since);
    }
  }
}
