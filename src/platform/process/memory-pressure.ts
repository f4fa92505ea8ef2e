/**
 * Whether the kernel kills processes for lack of memory: it counts such kills for the whole machine (proc(5), vmstat).
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '../time/clock.ts';

/** Deaths this close to an increase may belong to it: the kernel often kills several at once. */
const TOGETHER_MS = 2000;

/** The returned function says whether the count has grown just now. */
export function watchMemory(clock: Clock, count = killsSoFar): () => boolean {
  let known = count();
  let grew = Number.NEGATIVE_INFINITY;
  return () => {
    const now = count();
    if (now > known) {
      known = now;
      grew = clock.monotonic();
    }
    return clock.monotonic() - grew < TOGETHER_MS;
  };
}

function killsSoFar(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
