/** Moves a log aside when it has become large, as conserver does (spec/conserver.md 7.2, logfilemax). */
import type { Clock, Timer } from '../platform/time/clock.ts';
import { every } from '../platform/time/every.ts';
import type { LogFile } from './log-file.ts';

/** Between checks of the size. */
const CHECK_INTERVAL_MS = 300_000;
/** The share of the limit that moves to the new file, from a line start on, and its bounds in bytes. */
const TAIL_SHARE = 1 / 40;
const MIN_TAIL_BYTES = 100;
const MAX_TAIL_BYTES = 4000;

export class LogAside {
  readonly #timer: Timer;

  /** `limit` in bytes. */
  constructor(log: Pick<LogFile, 'moveAside'>, limit: number, clock: Clock) {
    const tail = Math.min(MAX_TAIL_BYTES, Math.max(MIN_TAIL_BYTES, Math.floor(limit * TAIL_SHARE)));
    this.#timer = every(clock, CHECK_INTERVAL_MS, () => log.moveAside(limit, `-${timeInName(clock.now())}`, tail));
  }

  close(): void {
    this.#timer.cancel();
  }
}

/** `20261129-223000`, UTC. */
function timeInName(now: number): string {
  return new Date(now).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
}
