/** The archive of `npm run package`, as an administrator gets it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryDirectory } from './machine.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Path of an archive made from this tree, which goes with the test. */
export function archive(t: TestContext): string {
  const made = spawnSync(join(ROOT, 'build/node'), ['scripts/package/write.ts', temporaryDirectory(t), '1'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (made.status !== 0) {
    throw new Error(`npm run package: ${made.stderr}`);
  }
  return made.stdout.trim();
}
