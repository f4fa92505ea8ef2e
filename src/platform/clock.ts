/** Time as the rest of the program sees it, so that tests can make it. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time, milliseconds since 1970. For people and files: it may jump. */
  now(): number;
  /** Milliseconds of a clock that never jumps. For durations. */
  monotonic(): number;
  after(milliseconds: number, action: () => void): Timer;
}

/** setTimeout takes at most 2^31 - 1 ms, 24 days, and turns anything larger into 1. */
const LONGEST = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, action) {
    if (milliseconds > LONGEST) {
      let part = systemClock.after(LONGEST, () => {
        part = systemClock.after(milliseconds - LONGEST, action);
      });
      return { cancel: () => part.cancel() };
    }
    const timer = setTimeout(action, Math.max(0, milliseconds));
    return { cancel: () => clearTimeout(timer) };
  },
};
