/** Waits for facts that the kernel does not announce: files of other processes, counts in /proc, live processes. */
import { setTimeout as pause } from 'node:timers/promises';

/** How long tests wait for anything: only what hangs takes so long, however loaded the machine is. */
export const TIMEOUT_MS = 60_000;
const INTERVAL = 5;

/**
 * Polls `look` until it returns something that is neither undefined nor false. Rejects with `what` after a long while.
 */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const limit = performance.now() + TIMEOUT_MS; ; await pause(INTERVAL)) {
    const found = look();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (performance.now() > limit) {
      throw new Error(`${what}: not within ${TIMEOUT_MS} ms`);
    }
  }
}
