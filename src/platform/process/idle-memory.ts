/**
 * Releases memory that a process needed only temporarily, such as for its start. V8 keeps a heap that was once large,
 * malloc keeps freed memory, and program pages used only at the start stay mapped: together more than half of what an
 * idle Node takes.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from '../native.ts';

/** Milliseconds between two checks. */
const INTERVAL_MS = 5000;
/** Share of the time since the last check that an idle process may have worked. */
const REST = 0.02;
/** Bytes of growth that justify the work. */
const WORTH_BYTES = 8 << 20;

/** From now on until the process ends. */
export function releaseMemoryWhenIdle(): void {
  let last = performance.eventLoopUtilization();
  /** The needs of an idle process, known at the first check after a release. */
  let needed = 0;
  let gaveBack = false;
  let flavor: Flavor = 'last-resort';
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
    } else if (utilization < REST && held > needed + WORTH_BYTES) {
      // A garbage collection goes unnoticed, as nothing is happening.
      collect(flavor);
      native.releaseMemory();
      gaveBack = true;
      flavor = 'regular';
    }
  }, INTERVAL_MS).unref();
}

/** Bytes; undefined if no descriptor is left. */
function residentMemory(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}

/**
 * `last-resort` moves objects together, so that the pages between them are free, and does so until there is nothing left to gain: two
 * to three times as long as `regular` (50 ms in place of 20 with 500 consoles). That is for the end of the start, not for when
 * somebody types.
 */
type Flavor = 'last-resort' | 'regular';

/** On the command line, --expose-gc would make Node compile its own modules at every start: 10 ms. */
function collect(flavor: Flavor): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as NonNullable<typeof globalThis.gc>)({ type: 'major', execution: 'sync', flavor });
}
