/**
 * Gives back what a process needed for a while only, such as for its start. V8 keeps a heap that once was large, malloc
 * keeps what was freed, and the pages of the program that only the start went through stay mapped: together more than
 * half of what an idle Node takes.
 */
import { native } from './native.ts';

/** Between two looks. Milliseconds. */
const INTERVAL = 5000;
/** Share of the time since the last look that a process at rest may have worked. */
const REST = 0.02;
/** Growth since the last time that is worth the work. Bytes. */
const WORTH = 4 << 20;

/** From now on until the process ends. */
export function giveBackWhenIdle(): void {
  let last = performance.eventLoopUtilization();
  let least = 0;
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (utilization < REST && process.memoryUsage.rss() > least + WORTH) {
      // Exposed by bin/launch; a collection that nobody notices, as nothing is going on.
      globalThis.gc?.();
      native.giveBack();
      least = process.memoryUsage.rss();
    }
  }, INTERVAL).unref();
}
