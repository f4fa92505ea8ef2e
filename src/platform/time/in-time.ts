/** Waits for what may never come. */
import type { Clock } from './clock.ts';

/** What `work` resolves with; rejects with `late` if that takes more than so many milliseconds. What comes after that is dropped. */
export async function inTime<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = clock.after(ms, () => reject(late()));
  try {
    return await Promise.race([work, over]);
  } finally {
    timer.cancel();
  }
}
