/** Waits for what may never come. */
import type { Clock } from './clock.ts';

/** The result of `work`; rejects with `late` after so many milliseconds. A later result is dropped. */
export async function inTime<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = clock.after(ms, () => reject(late()));
  try {
    return await Promise.race([work, over]);
  } finally {
    timer.cancel();
  }
}
