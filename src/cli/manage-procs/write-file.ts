/** Files for others to read, replaced in one step. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { bytesOf } from '../../model/byte-text.ts';
import { Refused } from './outside.ts';

/** Writes a file of this process beside it and renames that; refuses with what the file system says. */
export function writeWhole(path: string, text: string, mode = 0o644): void {
  // Two that run at once both write the units of all instances.
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, bytesOf(text), { mode });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Refused(`cannot write ${path}: ${(error as Error).message}`);
  }
}
