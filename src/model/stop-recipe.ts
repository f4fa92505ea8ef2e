/** How a child is asked to end: text to send, signals, and the time for each. */

import { bytesOf } from './byte-text.ts';
import { SIGKILL } from './signals.ts';

/** `send` goes to its terminal; `signal` is a number, to its group; `wait` is in milliseconds. */
export type StopStep = { readonly send: string } | { readonly signal: number } | { readonly wait: number };

/** A signal, time to obey it in milliseconds, then SIGKILL. */
export function signalThenKill(signal: number, grace: number): readonly StopStep[] {
  return signal === SIGKILL ? [{ signal }] : [{ signal }, { wait: grace }, { signal: SIGKILL }];
}

/** A step that does something, and when: milliseconds after the beginning. */
export interface TimedStep {
  readonly after: number;
  readonly step: { readonly send: string } | { readonly signal: number };
}

/** When each step of a recipe is due, the KILL at its end included. */
export function timesOf(steps: readonly StopStep[]): readonly TimedStep[] {
  const timed: TimedStep[] = [];
  let after = 0;
  for (const step of whole(steps)) {
    if ('wait' in step) {
      after += step.wait;
    } else {
      timed.push({ after, step });
    }
  }
  return timed;
}

/** It always finishes with SIGKILL. */
function whole(steps: readonly StopStep[]): readonly StopStep[] {
  const last = steps.at(-1);
  return last && 'signal' in last && last.signal === SIGKILL ? steps : [...steps, { signal: SIGKILL }];
}

/** The child to be ended, in its terminal. */
export interface Stoppable {
  write(bytes: Uint8Array): unknown;
  kill(signal: number): unknown;
}

/** The clock it needs. */
export interface Waits {
  after(milliseconds: number, action: () => void): { cancel(): void };
}

/** Runs the recipe of one child; it always finishes with SIGKILL. */
export class StopRun {
  readonly #child: Stoppable;
  readonly #clock: Waits;
  #rest: readonly StopStep[] = [];
  #wait: { cancel(): void } | undefined;

  constructor(child: Stoppable, clock: Waits) {
    this.#child = child;
    this.#clock = clock;
  }

  /** Restarts at the first step, wherever an earlier run is. */
  begin(steps: readonly StopStep[]): void {
    this.cancel();
    this.#rest = whole(steps);
    this.#goOn();
  }

  /** The child is gone: nothing may be done to the next one. */
  cancel(): void {
    this.#wait?.cancel();
    this.#rest = [];
  }

  #goOn(): void {
    // The immediate effects of a step may cancel the rest.
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
