// Scripts are started by the Node of the machine; after the setup they run in the one that the project provides.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const node = join(root, 'build/node');

/** Runs a program to its end in the project's folder; ends this process with its status if it fails. */
export function run(command, args, env = process.env) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (result.error || result.status !== 0) {
    process.stderr.write(
      `${command} ${args.join(' ')}: ${result.error?.message ?? `status ${result.status ?? result.signal}`}\n`,
    );
    process.exit(result.status || 1);
  }
}
