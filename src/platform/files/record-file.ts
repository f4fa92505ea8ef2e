/** A file of records that must not be lost, readable by the server's user alone: JSON, replaced as a whole. */
import { copyFile, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../time/clock.ts';
import { inTime } from '../time/in-time.ts';
import { replaceFile, syncFolder } from './replace-file.ts';

export interface RecordKind<R> {
  /** Of the list in the file, and in messages: `tokens`. */
  readonly name: string;
  readonly isRecord: (value: unknown) => value is R;
}

/** Milliseconds after which a disk has failed. */
const TIMEOUT_MS = 5000;
const MODE = 0o600;

export class RecordFile<R> {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #kind: RecordKind<R>;
  /** Resolves when nothing is being written. */
  #idle: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(path: string, clock: Clock, kind: RecordKind<R>) {
    this.#path = path;
    this.#clock = clock;
    this.#kind = kind;
  }

  /** None if there is no file. Rejects if it cannot be read; a damaged one is kept beside it. */
  read(): Promise<readonly R[]> {
    return this.#inTime(this.#read());
  }

  /** `records` is called when it is their turn: writes that come together are one. */
  write(records: () => readonly R[]): Promise<void> {
    this.#next ??= this.#idle.then(async () => {
      this.#next = undefined;
      await replaceFile(this.#path, `${JSON.stringify({ [this.#kind.name]: records() }, null, 2)}\n`, MODE);
      await syncFolder(dirname(this.#path));
    });
    const done = this.#next;
    this.#idle = done.catch(() => undefined);
    return this.#inTime(done);
  }

  async #read(): Promise<readonly R[]> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return [];
      }
      throw error;
    }
    try {
      const { [this.#kind.name]: records } = JSON.parse(text) as Readonly<Record<string, unknown>>;
      if (!Array.isArray(records) || !records.every(this.#kind.isRecord)) {
        throw new Error(`not a list of ${this.#kind.name}`);
      }
      return records;
    } catch {
      // The message of the error could quote a digest.
      await copyFile(this.#path, `${this.#path}.bad`);
      throw new Error(`${this.#path} is damaged; a copy is ${this.#path}.bad. Remove it to begin with none`);
    }
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    const late = () => new Error(`${this.#path} has not answered for ${TIMEOUT_MS / 1000} s`);
    return inTime(this.#clock, TIMEOUT_MS, work, late);
  }
}
