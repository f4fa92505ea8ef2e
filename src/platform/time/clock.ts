/** Time as the rest of the program sees it, so that tests can control it. */

export interface Timer {
  cancel(): void;
}

export interface TimerOptions {
  /** Default true; false, as in Node: the timer does not keep a process alive that has nothing else to wait for. */
  readonly ref?: boolean;
}

export interface Clock {
  /** Wall time, milliseconds since 1970. For people and files: it may jump. */
  now(): number;
  /** Milliseconds of a clock that never jumps. For durations. */
  monotonic(): number;
  after(milliseconds: number, action: () => void, options?: TimerOptions): Timer;
}

/** setTimeout and setInterval take at most 2^31 - 1 ms, 24 days, and turn anything larger into 1. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, action, options) {
    if (milliseconds > LONGEST_TIMER) {
      let part = systemClock.after(
        LONGEST_TIMER,
        () => {
          part = systemClock.after(milliseconds - LONGEST_TIMER, action, options);
        },
        options,
      );
      return { cancel: () => part.cancel() };
    }
    const timer = setTimeout(action, Math.max(0, milliseconds));
    if (options?.ref === false) {
      // In a browser it is a number, and keeps nothing alive.
      (timer as unknown as { unref?: () => void }).unref?.();
    }
    return { cancel: () => clearTimeout(timer) };
  },
};
