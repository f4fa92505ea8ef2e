/** Waits for facts that nobody announces: files of other processes, counts in /proc, live processes, what a server answers. */
import { setTimeout as pause } from 'node:timers/promises';

/** How long tests wait for anything: only what hangs takes so long, however loaded the machine is. */
export const TIMEOUT_MS = 60_000;
/** Between looks: many facts are true in a moment; what takes longer is looked at less often, since others need the processor. */
const SHORTEST_MS = 5;
const LONGEST_MS = 250;
const GROWTH = 1.2;

type Found<T> = T | undefined | false;

/**
 * Looks until that returns something that is neither undefined nor false. Rejects with `what` after a long while; a look that takes time has
 * to end by itself.
 */
export async function until<T>(
  what: string | (() => string),
  look: () => Found<T> | Promise<Found<T>>,
  patienceMs = TIMEOUT_MS,
): Promise<T> {
  const limit = performance.now() + patienceMs;
  for (let interval = SHORTEST_MS; ; interval = Math.min(interval * GROWTH, LONGEST_MS)) {
    const found = await look();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (performance.now() > limit) {
      throw new Error(`${typeof what === 'string' ? what : what()}: not within ${patienceMs} ms`);
    }
    await pause(interval);
  }
}
