/** Whether a line that was typed is answered. A terminal that echoes it has not answered it. */
import { CR, LF } from '../../../model/ascii.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';

/** More is not compared with its echo. */
const MAX_TYPED = 1024;

export class AnswerWatch {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #silent: () => void;
  /** Since the last answer, as text of bytes. */
  #typed = '';
  /** Of what came back since, characters that may be the echo of it. */
  #echoed = 0;
  #timer: Timer | undefined;

  /** `silent`: called once for a line without an answer. */
  constructor(clock: Clock, patienceMs: number, silent: () => void) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#silent = silent;
  }

  asked(bytes: Uint8Array): void {
    this.#typed = `${this.#typed}${Buffer.from(bytes).toString('latin1')}`.slice(-MAX_TYPED);
    if (bytes.includes(CR) || bytes.includes(LF)) {
      this.#timer ??= this.#clock.after(this.#patienceMs, this.#silent);
    }
  }

  heard(bytes: Uint8Array): void {
    if (this.#typed === '') {
      return;
    }
    const text = Buffer.from(bytes.subarray(0, MAX_TYPED)).toString('latin1').trim();
    this.#echoed += text.length;
    if (this.#timer && (!this.#typed.includes(text) || this.#echoed > this.#typed.trim().length)) {
      this.forget();
    }
  }

  forget(): void {
    this.#typed = '';
    this.#echoed = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
