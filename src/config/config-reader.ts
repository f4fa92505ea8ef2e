/** Reads the configuration for a busy server: what is large or may hang is read by a separate process. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { deserialize } from 'node:v8';
import type { Clock } from '../platform/time/clock.ts';
import { configPlace, type Owner } from './config-files.ts';
import { type LoadedConfig, type LoadLimits, loadWithin, NO_LIMITS } from './load-config.ts';

/** Limits within which reading takes the server a few milliseconds. */
const HERE: LoadLimits = { text: 32_768, foundFolders: 200, conserverCf: false };
const AT_START: LoadLimits = { ...NO_LIMITS, conserverCf: false };
const TIMEOUT_MS = 60_000;
/** Milliseconds for which the digest read by another process is used, as long as no change is seen. */
const VALID_FOR_MS = 10_000;

export class ConfigReader {
  readonly #file: string | undefined;
  readonly #owner: Owner;
  readonly #clock: Clock;
  #reading: Promise<unknown> = Promise.resolve();
  /** A reading that has not started: callers share its result. */
  #next: Promise<LoadedConfig> | undefined;
  #lastElsewhere: { readonly digest: string; readonly until: number } | undefined;

  constructor(file: string | undefined, owner: Owner, clock: Clock) {
    this.#file = file;
    this.#owner = owner;
    this.#clock = clock;
  }

  /** At the start, when nobody is kept waiting. */
  async first(): Promise<LoadedConfig> {
    return (await loadWithin(AT_START, this.#file, this.#owner)) ?? (await this.#elsewhere());
  }

  /** The configuration on disk as of this call. One at a time; never rejects. */
  load(): Promise<LoadedConfig> {
    this.#next ??= this.#reading.then(() => {
      this.#next = undefined;
      const read = this.#read();
      this.#reading = read.catch(() => undefined);
      return read;
    });
    return this.#next;
  }

  /** Something was seen to change on disk. */
  changed(): void {
    this.#lastElsewhere = undefined;
  }

  /** Of what is on disk; where a process has to be started for that, of what was there a moment ago. */
  async digest(): Promise<string> {
    const last = this.#lastElsewhere;
    return last !== undefined && this.#clock.monotonic() < last.until ? last.digest : (await this.load()).digest;
  }

  async #read(): Promise<LoadedConfig> {
    this.#lastElsewhere = undefined;
    const here = await loadWithin(HERE, this.#file, this.#owner);
    if (here) {
      return here;
    }
    const loaded = await this.#elsewhere();
    this.#lastElsewhere = { digest: loaded.digest, until: this.#clock.monotonic() + VALID_FOR_MS };
    return loaded;
  }

  async #elsewhere(): Promise<LoadedConfig> {
    try {
      return deserialize(await this.#readElsewhere()) as LoadedConfig;
    } catch (error) {
      const { main } = configPlace(this.#file, this.#owner);
      const problems = [{ file: main, line: 1, key: '', message: (error as Error).message }];
      return { problems, warnings: [], digest: '', folders: [] };
    }
  }

  async #readElsewhere(): Promise<Buffer> {
    const script = join(dirname(process.argv[1] as string), 'holdfast-config.cjs');
    const words = [String(this.#owner.uid), ...(this.#file === undefined ? [] : [this.#file])];
    const reader = spawn(process.execPath, [...process.execArgv, script, 'holdfast-config', ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.#owner.env,
    });
    // If it cannot be started (EMFILE, EAGAIN) it may have no pipes either.
    await once(reader, 'spawn');
    const late = this.#clock.after(TIMEOUT_MS, () => {
      // A process hung in the kernel does not even close its pipes.
      reader.kill('SIGKILL');
      reader.stdout.destroy(new Error(`it was not read within ${TIMEOUT_MS / 1000} s: does a file server not answer?`));
      reader.stderr.destroy();
    });
    let said = '';
    reader.stderr.on('data', (text) => {
      said += text;
    });
    reader.stderr.on('error', () => undefined);
    try {
      const bytes = await buffer(reader.stdout);
      if (bytes.length === 0) {
        throw new Error(`it cannot be read: ${said.trim() || 'the reader ended without a word'}`);
      }
      return bytes;
    } finally {
      late.cancel();
    }
  }
}
