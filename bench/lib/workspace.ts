import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Runs `work` in a fresh directory below `parent` that is removed afterwards. */
export async function inFreshDirectory<Result>(
  parent: string,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = mkdtempSync(join(parent, 'holdfast-bench-'));
  process.on('exit', remove);
  try {
    return await work(path);
  } finally {
    remove();
    process.off('exit', remove);
  }
  function remove() {
    rmSync(path, { recursive: true, force: true });
  }
}

/** Polls every 2 ms until `probe` returns a value; fails with `what` after `limit` ms. */
export async function until<Value>(what: string, limit: number, probe: () => Value | undefined): Promise<Value> {
  for (const end = performance.now() + limit; performance.now() < end; await delay(2)) {
    const value = probe();
    if (value !== undefined) {
      return value;
    }
  }
  throw new Error(`bench: ${what}: not within ${limit} ms`);
}

/** The text of a file once it is there and ends in a line feed. */
export function awaitFile(path: string, limit: number): Promise<string> {
  return until(path, limit, () => {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return text.endsWith('\n') ? text : undefined;
  });
}
