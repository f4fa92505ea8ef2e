/** Keeps an old file under another name, so that a new one can take its place. */
import { lstatSync, renameSync } from 'node:fs';
import { fsPath } from './byte-names.ts';
import { strftime } from './strftime.ts';

/**
 * Renames a file to `PATH_DATE_TIME`, the time of its last change; a number follows where that name is taken. A file that is empty
 * or not there is left alone. Throws where it cannot be renamed, or is not a plain file: a device has a place of its own.
 */
export function setAside(path: string): void {
  const found = lstatSync(fsPath(path), { throwIfNoEntry: false });
  if (found === undefined || (found.isFile() && found.size === 0)) {
    return;
  }
  if (!found.isFile()) {
    throw new Error('not a plain file');
  }
  const name = `${path}_${strftime('%Y%m%d_%H%M%S', found.mtimeMs)}`;
  let free = name;
  for (let n = 2; lstatSync(fsPath(free), { throwIfNoEntry: false }); n++) {
    free = `${name}_${n}`;
  }
  renameSync(fsPath(path), fsPath(free));
}
