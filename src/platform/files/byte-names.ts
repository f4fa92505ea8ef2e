/** Names and arguments as bytes (model/byte-text.ts), where Node would take them for UTF-8. */

import { closeSync, constants, openSync, readFileSync, readlinkSync } from 'node:fs';
import { NUL } from '../../model/ascii.ts';
import { bytesOf, textOf } from '../../model/byte-text.ts';

/** The character that Node decodes bytes to that are not UTF-8. */
const REPLACED = '\ufffd';

/** The words of our command line from the name of the program on; before the title of the process is set. */
export function typedWords(): readonly string[] {
  const words = process.argv.slice(2);
  if (!words.some((word) => word.includes(REPLACED))) {
    return words;
  }
  let line: Buffer;
  try {
    line = readFileSync('/proc/self/cmdline');
  } catch {
    return words;
  }
  const raw: Buffer[] = [];
  for (let at = 0, end = line.indexOf(NUL); end >= 0; at = end + 1, end = line.indexOf(NUL, at)) {
    raw.push(line.subarray(at, end));
  }
  return raw.slice(-words.length).map(textOf);
}

/** A path as the functions of `node:fs` take it. */
export function fsPath(path: string): string | Buffer {
  return path.isWellFormed() ? path : Buffer.from(bytesOf(path));
}

/** Throws if it was removed. */
export function currentDirectory(): string {
  const path = process.cwd();
  return path.includes(REPLACED) ? textOf(readlinkSync('/proc/self/cwd', 'buffer')) : path;
}

export function changeDirectory(path: string): void {
  if (path.isWellFormed()) {
    process.chdir(path);
    return;
  }
  const fd = openSync(fsPath(path), constants.O_DIRECTORY | constants.O_RDONLY);
  process.chdir(`/proc/self/fd/${fd}`);
  closeSync(fd);
}
