import type { Clock, Timer, TimerOptions } from './clock.ts';

/** Repeats the action at this interval until it is cancelled; the first time one interval from now. */
export function every(clock: Clock, intervalMs: number, action: () => void, options?: TimerOptions): Timer {
  const turn = (): void => {
    // Before the action, which may cancel or throw.
    next = clock.after(intervalMs, turn, options);
    action();
  };
  let next = clock.after(intervalMs, turn, options);
  return { cancel: () => next.cancel() };
}
