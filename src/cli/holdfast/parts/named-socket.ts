/** The control socket that `up` was told to use: it must be the one of the configuration. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { UpOptions } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';

/** `path`: where the server listens. Throws a UsageError for another one: one socket keeps two servers from one configuration. */
export function refuseOtherSocket(wanted: UpOptions['socket'], path: string): void {
  if (wanted && real(wanted.path) !== real(path)) {
    throw new UsageError(
      `${wanted.by} says ${wanted.path}, but this server listens on ${path}: 'runtime_dir' of [server] decides that; ` +
        `set it to ${dirname(resolve(wanted.path))}, or leave ${wanted.by} out`,
    );
  }
}

/** `/var/run` is a link to `/run`. The socket itself need not exist yet. */
function real(path: string): string {
  const folder = dirname(resolve(path));
  try {
    return join(realpathSync(folder), basename(path));
  } catch {
    return join(folder, basename(path));
  }
}
