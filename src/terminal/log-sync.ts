/** Syncs a log to the disk some time after a write: fdatasync(2). */
import type { Clock, Timer } from '../platform/time/clock.ts';
import type { LogPlace } from './log-place.ts';

/** `due`: one begins when its time has come. `running`: it is under way. */
type State = 'idle' | 'due' | 'running' | 'closed';

export class LogSync {
  readonly #place: LogPlace;
  readonly #delay: number | undefined;
  readonly #clock: Clock;
  #state: State = 'idle';
  #timer: Timer | undefined;

  /** `delay` after a write, milliseconds; undefined: never. */
  constructor(place: LogPlace, delay: number | undefined, clock: Clock) {
    this.#place = place;
    this.#delay = delay;
    this.#clock = clock;
  }

  /** One sync for all output until it starts; on its own thread, so that the next write need not wait. */
  soon(): void {
    if (this.#delay !== undefined && this.#state === 'idle' && this.#place.isOurs) {
      this.#state = 'due';
      this.#timer = this.#clock.after(this.#delay, () => this.#begin());
    }
  }

  close(): void {
    this.#timer?.cancel();
    this.#state = 'closed';
  }

  #begin(): void {
    if (this.#place.fd < 0) {
      this.#state = 'idle';
      return;
    }
    this.#state = 'running';
    // A failed sync is followed by failing writes, and those are reported.
    this.#place.sync(() => {
      if (this.#state === 'running') {
        this.#state = 'idle';
      }
    });
  }
}
