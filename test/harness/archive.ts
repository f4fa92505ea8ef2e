/** The archive of `npm run package`, as an administrator gets it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Path of an archive of this tree, built in `folder`; nothing is compressed, since that is most of the work. */
export function archive(folder: string): string {
  const made = spawnSync(join(ROOT, 'build/node'), ['scripts/package/write.ts', folder, '0'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (made.status !== 0) {
    throw new Error(`npm run package: ${made.stderr}`);
  }
  return made.stdout.trim();
}
