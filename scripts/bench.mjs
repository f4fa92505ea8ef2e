// `npm run bench`: the measurements of bench/ under the project's own Node, which runs the TypeScript as it is.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = [join(root, 'bench/main.ts'), ...process.argv.slice(2)];
// A separate Node: with the same file the bench and the measured programs would share their pages, and the programs'
// proportional share would be too small.
const node = join(root, 'build/bench/node');
mkdirSync(join(root, 'build/bench'), { recursive: true });
copyFileSync(join(root, 'build/node'), node);
const { status, signal, error } = spawnSync(node, args, { stdio: 'inherit' });
if (error) {
  process.stderr.write(`bench: ${error.message}\n`);
}
process.exitCode = status ?? (signal ? 128 + constants.signals[signal] : 1);
