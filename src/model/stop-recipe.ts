/** How a child is asked to end: what is sent, which signals, how long each is given. */

import { bytesOf } from './byte-text.ts';
import { SIGKILL } from './signals.ts';

/** `send` goes to its terminal; `signal` is a number, to its group; `wait` is in milliseconds. */
export type StopStep = { readonly send: string } | { readonly signal: number } | { readonly wait: number };

/** A signal, time to obey it in milliseconds, then SIGKILL. */
export function signalThenKill(signal: number, grace: number): readonly StopStep[] {
  return signal === SIGKILL ? [{ signal }] : [{ signal }, { wait: grace }, { signal: SIGKILL }];
}

/** The child that is to end, in its terminal. */
export interface Stoppable {
  write(bytes: Uint8Array): unknown;
  kill(signal: number): unknown;
}

/** What it needs of a clock. */
export interface Waits {
  after(milliseconds: number, action: () => void): { cancel(): void };
}

/** Goes through the recipe of one child; SIGKILL ends it whatever it says. */
export class StopRun {
  readonly #child: Stoppable;
  readonly #clock: Waits;
  #rest: readonly StopStep[] = [];
  #wait: { cancel(): void } | undefined;

  constructor(child: Stoppable, clock: Waits) {
    this.#child = child;
    this.#clock = clock;
  }

  /** From its first step on, wherever an earlier run is. */
  begin(steps: readonly StopStep[]): void {
    this.cancel();
    this.#rest = [...steps, { signal: SIGKILL }];
    this.#goOn();
  }

  /** The child is gone: nothing is left to do to the next one. */
  cancel(): void {
    this.#wait?.cancel();
    this.#rest = [];
  }

  #goOn(): void {
    // What a step brings about at once may cancel the rest.
    for (let step = this.#next(); step !== undefined; step = this.#next()) {
      if ('wait' in step) {
        this.#wait = this.#clock.after(step.wait, () => this.#goOn());
        return;
      }
      if ('signal' in step) {
        this.#child.kill(step.signal);
      } else {
        this.#child.write(bytesOf(step.send));
      }
    }
  }

  #next(): StopStep | undefined {
    const [step, ...rest] = this.#rest;
    this.#rest = rest;
    return step;
  }
}
