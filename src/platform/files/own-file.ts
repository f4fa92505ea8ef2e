/** Small files about this process (pid file, info file): written in one step, removed only while they are ours. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { bytesOf, textOf } from '../../model/byte-text.ts';
import { fsPath } from './byte-names.ts';
import { type Folder, inFolder } from './folder.ts';

export class OwnFile {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /**
   * Replaces the file in one step where possible, so that no reader sees half of it; throws the file system's error.
   * Anything but a plain file (a symbolic link, /dev/null) is written through, and so is a file in a directory that we
   * may not write to, but as root never in a directory where others could have put it.
   */
  static write(path: string, text: string): OwnFile {
    inFolder(dirname(path), (folder) => {
      const name = fsPath(folder.at(basename(path)));
      const found = lstatSync(name, { throwIfNoEntry: false });
      if (found && !found.isFile() && folder.loose) {
        const reason = `${path} is not a plain file, and others than root may write to ${dirname(path)}`;
        throw Object.assign(new Error(reason), { code: 'EPERM' });
      }
      if ((!found || found.isFile()) && replace(folder, basename(path), text)) {
        return;
      }
      if (folder.loose) {
        throw Object.assign(new Error(`${path} cannot be replaced`), { code: 'EPERM' });
      }
      writeFileSync(name, bytesOf(text), { mode: 0o644 });
    });
    return new OwnFile(path, text);
  }

  /** Removes the file unless another server has written its own by now. */
  remove(): void {
    try {
      inFolder(dirname(this.#path), (folder) => {
        const name = fsPath(folder.at(basename(this.#path)));
        if (contentOf(name, folder.loose) === this.#text) {
          unlinkSync(name);
        }
      });
    } catch {
      // Gone or unreadable: not ours to remove.
    }
  }
}

/** Of a plain file; a FIFO would keep us waiting. */
function contentOf(name: string | Buffer, byName: boolean): string | undefined {
  const fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK | (byName ? constants.O_NOFOLLOW : 0));
  try {
    return fstatSync(fd).isFile() ? textOf(readFileSync(fd)) : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Whether it could. */
function replace(folder: Folder, name: string, text: string): boolean {
  const temporary = fsPath(folder.at(`${name}.${process.pid}.tmp`));
  try {
    rmSync(temporary, { force: true });
    // Created as a new file, never written through an existing entry.
    writeFileSync(temporary, bytesOf(text), { mode: 0o644, flag: 'wx' });
    renameSync(temporary, fsPath(folder.at(name)));
    return true;
  } catch {
    rmSync(temporary, { force: true });
    return false;
  }
}
