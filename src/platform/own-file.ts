/** Small files that tell others about this process (pid file, info file): written whole, removed only while ours. */
import { lstatSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';

export class OwnFile {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /** Replaces the file in one step, so that no reader sees half of it; throws what the file system says. */
  static write(path: string, text: string): OwnFile {
    const file = new OwnFile(path, text);
    if (isDevice(path)) {
      writeFileSync(path, text);
      return file;
    }
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text, { mode: 0o644 });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    return file;
  }

  /** Removes the file unless another server has written its own by now. */
  remove(): void {
    try {
      if (readFileSync(this.#path, 'utf8') === this.#text) {
        unlinkSync(this.#path);
      }
    } catch {
      // Gone or unreadable: not ours to remove.
    }
  }
}

/** `--pidfile /dev/null` must not replace the device. */
function isDevice(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isSymbolicLink();
}
