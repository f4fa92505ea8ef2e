/** The file of the tokens: for each its digest and what it is good for, readable by the server's user alone. */
import { copyFile, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TokenInfo } from '../model/api.ts';
import { RIGHT_NAMES, type Right } from '../model/rights.ts';
import { replaceFile, syncFolder } from '../platform/files/replace-file.ts';
import type { Clock } from '../platform/time/clock.ts';
import { inTime } from '../platform/time/in-time.ts';

export interface TokenRecord extends TokenInfo {
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly digest: string;
}

/** Milliseconds after which a disk has failed. */
const TIMEOUT_MS = 5000;
const MODE = 0o600;

export class TokenFile {
  readonly #path: string;
  readonly #clock: Clock;
  /** Resolves when nothing is being written. */
  #idle: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** None if there is no file. Rejects if it cannot be read; a damaged one is kept beside it. */
  read(): Promise<readonly TokenRecord[]> {
    return this.#inTime(this.#read());
  }

  /** `records` is called when it is their turn: writes that come together are one. */
  write(records: () => readonly TokenRecord[]): Promise<void> {
    this.#next ??= this.#idle.then(async () => {
      this.#next = undefined;
      await replaceFile(this.#path, `${JSON.stringify({ tokens: records() }, null, 2)}\n`, MODE);
      await syncFolder(dirname(this.#path));
    });
    const done = this.#next;
    this.#idle = done.catch(() => undefined);
    return this.#inTime(done);
  }

  async #read(): Promise<readonly TokenRecord[]> {
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
      const { tokens } = JSON.parse(text) as { tokens: unknown };
      if (!Array.isArray(tokens) || !tokens.every(isRecord)) {
        throw new Error('not a list of tokens');
      }
      return tokens;
    } catch {
      // What is wrong with it may quote a digest.
      await copyFile(this.#path, `${this.#path}.bad`);
      throw new Error(`${this.#path} is damaged; a copy is ${this.#path}.bad. Remove it to begin with none`);
    }
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    const late = () => new Error(`${this.#path} has not answered for ${TIMEOUT_MS / 1000} s`);
    return inTime(this.#clock, TIMEOUT_MS, work, late);
  }
}

function isRecord(value: unknown): value is TokenRecord {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { id, user, digest, until, createdBy, createdAt, may, on, once, label, lastUsed } =
    value as Partial<TokenRecord>;
  const isTime = (text: unknown) => typeof text === 'string' && !Number.isNaN(Date.parse(text));
  return (
    [id, user, createdBy].every((each) => typeof each === 'string') &&
    /^[0-9a-f]{64}$/.test(String(digest)) &&
    [until, createdAt].every(isTime) &&
    [label, lastUsed].every((each) => each === undefined || typeof each === 'string') &&
    (once === undefined || typeof once === 'boolean') &&
    (on === undefined || (Array.isArray(on) && on.every((each) => typeof each === 'string'))) &&
    (may === undefined || (Array.isArray(may) && may.every((each) => RIGHT_NAMES.includes(each as Right))))
  );
}
