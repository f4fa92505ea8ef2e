/** Small files that tell others about this process (pid file, info file): written whole, removed only while ours. */

import { lstatSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { bytesOf, textOf } from '../model/byte-text.ts';
import { fsPath } from './byte-names.ts';

export class OwnFile {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /**
   * Replaces the file in one step where it can, so that no reader sees half of it; throws what the file system says. What is
   * no plain file (a symbolic link, /dev/null) is written through, and so is a file in a directory that is not ours to write.
   */
  static write(path: string, text: string): OwnFile {
    const found = lstatSync(fsPath(path), { throwIfNoEntry: false });
    if ((found && !found.isFile()) || !replace(path, text)) {
      writeFileSync(fsPath(path), bytesOf(text), { mode: 0o644 });
    }
    return new OwnFile(path, text);
  }

  /** Removes the file unless another server has written its own by now. */
  remove(): void {
    try {
      // A FIFO would keep us waiting.
      const path = fsPath(this.#path);
      if (statSync(path).isFile() && textOf(readFileSync(path)) === this.#text) {
        unlinkSync(path);
      }
    } catch {
      // Gone or unreadable: not ours to remove.
    }
  }
}

/** Whether it could. */
function replace(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(fsPath(temporary), bytesOf(text), { mode: 0o644 });
    renameSync(fsPath(temporary), fsPath(path));
    return true;
  } catch {
    rmSync(fsPath(temporary), { force: true });
    return false;
  }
}
