/**
 * Gives back what a process needed for a while only, such as for its start. V8 keeps a heap that once was large, malloc
 * keeps what was freed, and the pages of the program that only the start went through stay mapped: together more than
 * half of what an idle Node takes.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from '../native.ts';

/** Between two looks. Milliseconds. */
const INTERVAL = 5000;
/** Share of the time since the last look that a process at rest may have worked. */
const REST = 0.02;
/** Growth since the last time that is worth the work. Bytes. */
const WORTH = 8 << 20;

/** From now on until the process ends. */
export function releaseMemoryWhenIdle(): void {
  let last = performance.eventLoopUtilization();
  /** What a process with little to do needs, known at the first look after something was given back. */
  let needed = 0;
  let gaveBack = false;
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    const held = residentMemory();
    if (held === undefined) {
      return;
    }
    if (gaveBack) {
      needed = held;
      gaveBack = false;
    } else if (utilization < REST && held > needed + WORTH) {
      // A collection that nobody notices, as nothing is going on.
      collect();
      native.releaseMemory();
      gaveBack = true;
    }
  }, INTERVAL).unref();
}

/** Bytes; undefined where no descriptor is left to look with. */
function residentMemory(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}

/** As an option of the command line, --expose-gc would make Node compile its own modules anew at every start: 10 ms. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
