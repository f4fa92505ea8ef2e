/**
 * Lines of text in a file and its predecessor, which together stay below a bound; they outlive everything except the
 * disk.
 */

import { appendFile, readFile, rename, stat } from 'node:fs/promises';
import { LF } from '../model/ascii.ts';
import { linesBackwards } from './lines-backwards.ts';

/** Characters kept for a disk that does not take them now. */
const PATIENT = 1 << 20;

export class HistoryFile {
  readonly #path: string;
  readonly #limit: () => number;
  readonly #trouble: (message: string) => void;
  readonly #putAside: () => Promise<void>;
  #size = 0;
  #queue: string[] = [];
  #waiting = 0;
  #writing: Promise<void> | undefined;
  #failed = false;
  /** The file ends within a line, after a power cut or a full disk. */
  #torn = false;
  /** First line of the file, and of its predecessor. */
  #first: string | undefined;
  #older: string | undefined;

  /**
   * `limit`: bytes, in two files of half that size. `trouble` is called once when it cannot be written; `putAside` is
   * awaited before the older half is dropped.
   */
  constructor(
    path: string,
    limit: () => number,
    trouble: (message: string) => void,
    putAside: () => Promise<void> = async () => undefined,
  ) {
    this.#path = path;
    this.#limit = limit;
    this.#trouble = trouble;
    this.#putAside = putAside;
  }

  /** Checks the existing files before the first line is added. */
  async open(): Promise<void> {
    const written = await readFile(this.#path).catch(() => Buffer.alloc(0));
    this.#size = written.length;
    this.#torn = written.length > 0 && written.at(-1) !== LF;
    this.#first = firstLine(written);
    this.#older = firstLine(await readFile(`${this.#path}.1`).catch(() => Buffer.alloc(0)));
  }

  /** The oldest line that is kept. */
  get oldest(): string | undefined {
    return this.#older ?? this.#first;
  }

  /** `line` ends with its line end. */
  add(line: string): void {
    this.#queue.push(line);
    this.#waiting += line.length;
    this.#writing ??= this.#write();
  }

  /** All lines, the newest first; some may be torn, duplicated or empty. */
  async *newestFirst(): AsyncGenerator<string> {
    await this.flush();
    yield* linesBackwards(this.#path);
    yield* linesBackwards(`${this.#path}.1`);
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    while (this.#writing) {
      await this.#writing;
    }
  }

  async #write(): Promise<void> {
    // One turn later: simultaneous events are written together.
    await Promise.resolve();
    let text = '';
    try {
      while (this.#queue.length > 0) {
        if (this.#size > 0 && this.#size + Buffer.byteLength(this.#queue[0] as string) > this.#limit() / 2) {
          await this.#putAside();
          await rename(this.#path, `${this.#path}.1`).catch(passNotThere);
          this.#size = 0;
          this.#torn = false;
          this.#older = this.#first;
          this.#first = undefined;
        }
        text = this.#next();
        await appendFile(this.#path, this.#torn ? `\n${text}` : text, { mode: 0o640 });
        this.#size += Buffer.byteLength(text);
        this.#first ??= firstLine(Buffer.from(text));
        this.#failed = false;
        this.#torn = false;
        text = '';
      }
    } catch (error) {
      await this.#keep(text);
      if (!this.#failed) {
        this.#failed = true;
        this.#trouble(`the event history cannot be written: ${(error as Error).message}`);
      }
    } finally {
      this.#writing = undefined;
    }
  }

  /** As many lines as there is room for, at least one. */
  #next(): string {
    const room = this.#limit() / 2 - this.#size;
    let count = 0;
    let size = 0;
    while (count < this.#queue.length && (count === 0 || size <= room)) {
      size += Buffer.byteLength(this.#queue[count++] as string);
    }
    const lines = this.#queue.splice(0, size > room && count > 1 ? count - 1 : count);
    this.#waiting -= lines.reduce((sum, line) => sum + line.length, 0);
    return lines.join('');
  }

  /** Again with the next line, after a part of it that may have been written. */
  async #keep(text: string): Promise<void> {
    this.#torn = true;
    this.#size = await stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    );
    if (text !== '') {
      this.#queue.unshift(text);
      this.#waiting += text.length;
    }
    while (this.#waiting > PATIENT) {
      this.#waiting -= (this.#queue.shift() as string).length;
    }
  }
}

function firstLine(text: Buffer): string | undefined {
  return text.length === 0 ? undefined : text.toString('utf8', 0, text.indexOf(LF) >>> 0);
}

/** It was deleted: there is nothing to put aside. */
function passNotThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') {
    throw error;
  }
}
