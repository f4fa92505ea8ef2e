/** Parts of a program that are bundles of their own, and are loaded when they are needed. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A bundle beside this one: `holdfast ps` never pays for the server's libraries. */
export function beside<T>(file: string, what: string): T {
  const path = join(dirname(import.meta.filename), file);
  try {
    return createRequire(import.meta.filename)(path) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
      throw new Error(`this installation has no ${what} (${path}): run 'npm run setup'`);
    }
    throw error;
  }
}
