/** When a line is opened again (spec/conserver.md 8.2): at once after an end, later and later after failed attempts. */
import type { LinePolicy } from '../model/line.ts';
import type { ExitStatus } from '../model/process.ts';
import type { RestartPolicy, Verdict } from '../model/supervision.ts';

/** The first and the longest pause before a line that cannot be opened is retried; each is twice the previous one. */
const MIN_RETRY_MS = 5000;
const MAX_RETRY_MS = 60_000;
/** A line that is reopened at every end without a limit gets a pause after this many quick ends. */
const BREATHLESS = 5;
const BREATH_MS = 150;

export class LinePace {
  #retry = MIN_RETRY_MS;
  #quickEnds = 0;
  /** Milliseconds from the last verdict to the next attempt. */
  wait = 0;

  /** It is open. */
  opened(): void {
    this.#retry = MIN_RETRY_MS;
  }

  /** It could not be opened. */
  failed({ retries }: LinePolicy): Verdict {
    this.wait = this.#retry;
    this.#retry = Math.min(2 * this.#retry, MAX_RETRY_MS);
    return retries ? 'ended-again' : 'ended-rest';
  }

  /** It was open for `lived` milliseconds. */
  ended({ againAtZero, spin }: LinePolicy, mode: RestartPolicy['mode'], { code }: ExitStatus, lived: number): Verdict {
    if (mode === 'never' && !(againAtZero && code === 0)) {
      return 'ended-rest';
    }
    this.#quickEnds = lived <= Math.max(spin.within, BREATH_MS) ? this.#quickEnds + 1 : 0;
    if (spin.count === 0 || spin.within === 0) {
      // No limit is set, which is not a reason to keep the machine busy.
      this.wait = this.#quickEnds > BREATHLESS ? BREATH_MS : 0;
      return 'ended-again';
    }
    if (this.#quickEnds >= spin.count) {
      this.#quickEnds = 0;
      this.wait = MAX_RETRY_MS;
      return 'ended-brake';
    }
    this.wait = 0;
    return 'ended-again';
  }
}
