/** The table of all consoles of a host, kept up to date while its server comes and goes. */
import { HoldfastError } from '../model/errors.ts';
import { WatchedTable } from '../model/feed.ts';
import type { HostPort } from '../model/host-port.ts';
import { type Clock, systemClock } from '../platform/time/clock.ts';
import { pause } from '../platform/time/pause.ts';
import { PASSING } from './passing.ts';

/** Between two attempts to reach the server again, at first. */
const RETRY_MS = 200;

export class WatchFeed {
  readonly table = new WatchedTable();
  readonly #host: Pick<HostPort, 'watch'>;
  readonly #clock: Clock;
  readonly #longestRetryMs: number;
  #lost: HoldfastError | undefined;

  /** `longestRetryMs`: between attempts at a server that stays away. */
  constructor(host: Pick<HostPort, 'watch'>, clock: Clock = systemClock, longestRetryMs = RETRY_MS) {
    this.#host = host;
    this.#clock = clock;
    this.#longestRetryMs = longestRetryMs;
  }

  /** Why the table is what the server last said; undefined: it is up to date. */
  get lost(): HoldfastError | undefined {
    return this.#lost;
  }

  /**
   * Goes on to the next value whenever `table` or `lost` has changed, until `ended`. Throws where waiting does not help, and if there is
   * no server to begin with.
   */
  async *follow(ended: AbortSignal): AsyncGenerator<void> {
    let wait = RETRY_MS;
    while (!ended.aborted) {
      try {
        for await (const news of this.#host.watch(this.table.place, ended)) {
          this.#lost = undefined;
          wait = RETRY_MS;
          this.table.apply(news);
          yield;
        }
      } catch (error) {
        const passing = error instanceof HoldfastError && PASSING.has(error.code);
        if (!passing || !this.table.place) {
          throw error;
        }
        const isNew = this.#lost === undefined;
        this.#lost = error;
        if (isNew) {
          yield;
        }
      }
      await pause(this.#clock, wait, ended);
      wait = Math.min(this.#longestRetryMs, wait * 2);
    }
  }
}
