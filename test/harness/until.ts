/** Waits for facts that the kernel announces to nobody: files of others, counts in /proc, who is alive. */
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE = 20_000;
const INTERVAL = 5;

/** Looks until `look` gives something that is neither undefined nor false. Rejects with `what` after a long while. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const limit = performance.now() + PATIENCE; ; await pause(INTERVAL)) {
    const found = look();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (performance.now() > limit) {
      throw new Error(`${what}: not within ${PATIENCE} ms`);
    }
  }
}
