/** How a child is asked to end: what is sent, which signals, how long each is given. */

import type { StopStep } from '../model/runner.ts';
import { SIGKILL } from '../model/signals.ts';

/** A signal, then patience (milliseconds), then SIGKILL. */
export function signalThenKill(signal: number, patience: number): readonly StopStep[] {
  return signal === SIGKILL ? [{ signal }] : [{ signal }, { wait: patience }, { signal: SIGKILL }];
}
