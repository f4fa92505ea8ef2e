/** Small files that tell others about this process (pid file, info file): written whole, removed only while ours. */
import { lstatSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';

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
    const found = lstatSync(path, { throwIfNoEntry: false });
    if ((found && !found.isFile()) || !replace(path, text)) {
      writeFileSync(path, text, { mode: 0o644 });
    }
    return new OwnFile(path, text);
  }

  /** Removes the file unless another server has written its own by now. */
  remove(): void {
    try {
      // A FIFO would keep us waiting.
      if (statSync(this.#path).isFile() && readFileSync(this.#path, 'utf8') === this.#text) {
        unlinkSync(this.#path);
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
    writeFileSync(temporary, text, { mode: 0o644 });
    renameSync(temporary, path);
    return true;
  } catch {
    rmSync(temporary, { force: true });
    return false;
  }
}
