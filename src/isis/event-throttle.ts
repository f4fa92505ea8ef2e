import type { Clock, Timer } from '../platform/time/clock.ts';
import type { IsisEvent } from './surroundings.ts';

/** Events of one kind reported per period; the rest are counted and reported in one. */
const MOST = 20;
const PERIOD_MS = 10_000;

interface Window {
  told: number;
  held: number;
  last: string;
  readonly timer: Timer;
}

/**
 * Keeps strangers that cause events (forged names, a full table) from flooding the history. Nothing is hidden: it is
 * counted.
 */
export class EventThrottle {
  readonly #clock: Clock;
  readonly #tell: (event: IsisEvent) => void;
  readonly #windows = new Map<IsisEvent['kind'], Window>();

  constructor(clock: Clock, tell: (event: IsisEvent) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  take(event: IsisEvent): void {
    const { kind } = event;
    let window = this.#windows.get(kind);
    if (!window) {
      const timer = this.#clock.after(PERIOD_MS, () => this.#over(kind), { ref: false });
      window = { told: 0, held: 0, last: '', timer };
      this.#windows.set(kind, window);
    }
    if (window.told < MOST) {
      window.told += 1;
      this.#tell(event);
    } else {
      window.held += 1;
      window.last = event.text;
    }
  }

  /** Reports the held-back events. */
  close(): void {
    for (const [kind, { timer }] of this.#windows) {
      timer.cancel();
      this.#over(kind);
    }
  }

  #over(kind: IsisEvent['kind']): void {
    const window = this.#windows.get(kind);
    this.#windows.delete(kind);
    if (window && window.held > 0) {
      const count = window.held;
      this.#tell({ kind, count, text: `${count} more of this kind (${kind}), the last: ${window.last}` });
    }
  }
}
