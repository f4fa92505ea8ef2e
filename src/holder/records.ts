/**
 * The records of a holder about its consoles, so that the next one can continue after its sudden death: a file for
 * each, and the offsets of their streams. The folder is in memory (/run), and belongs to one boot of the machine.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { native } from '../platform/native.ts';
import { readSaved, type SavedConsole, type SavedFile } from './saved-console.ts';

export interface Found {
  readonly saved: SavedConsole;
  /** The offset that its stream had reached. */
  readonly head: number;
  readonly record: SavedRecord;
}

const SUFFIX = '.json';
/** Suffixes of files that are being written, and of those put aside. */
const NEW = '.new';
const ASIDE = '.bad';
const HEADS = 'heads';
/** Consoles whose offset has a slot. */
const SLOTS = 8192;
const SLOT_SIZE = 8;

export class Records {
  readonly #folder: string;
  readonly #trouble: (message: string) => void;
  readonly #heads: Float64Array;
  readonly #used = new Set<number>();

  /** Creates the folder, or takes over that of an earlier holder of this boot. `trouble` is called for anomalies. */
  constructor(folder: string, boot: string, trouble: (message: string) => void = () => undefined) {
    this.#folder = join(folder, boot);
    this.#trouble = trouble;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const fd = this.#openHeads(join(this.#folder, HEADS));
    if (fstatSync(fd).size !== SLOTS * SLOT_SIZE) {
      // With all its pages: one that cannot be allocated later, on a full disk, would be a SIGBUS.
      ftruncateSync(fd, 0);
      writeSync(fd, new Uint8Array(SLOTS * SLOT_SIZE));
    }
    this.#heads = new Float64Array(native.mapFile(fd, SLOTS * SLOT_SIZE));
    closeSync(fd);
  }

  #openHeads(path: string): number {
    try {
      return openSync(path, 'a+', 0o600);
    } catch (error) {
      renameSync(path, `${path}${ASIDE}`);
      this.#trouble(`${path} is not a file of ours (${(error as Error).message}) and was put aside: ${path}${ASIDE}`);
      return openSync(path, 'a+', 0o600);
    }
  }

  /** The remaining records. A file that makes no sense is put aside; `senseless` are the consoles of such files. */
  take(): { readonly found: readonly Found[]; readonly senseless: readonly string[] } {
    const found: Found[] = [];
    const senseless: string[] = [];
    for (const file of readdirSync(this.#folder)) {
      const path = join(this.#folder, file);
      if (file.endsWith(NEW)) {
        rmSync(path, { force: true, recursive: true });
      } else if (file.endsWith(SUFFIX)) {
        const name = file.slice(0, -SUFFIX.length);
        try {
          found.push(this.#read(path, name));
        } catch (error) {
          senseless.push(name);
          this.#putAside(path, name, error as Error);
        }
      }
    }
    return { found, senseless };
  }

  #read(path: string, wanted: string): Found {
    const { slot, ...saved } = readSaved(readFileSync(path, 'utf8'));
    if (saved.name !== wanted || slot >= SLOTS || this.#used.has(slot)) {
      throw new Error('its name or place is that of another one');
    }
    this.#used.add(slot);
    const head = this.#heads[slot] as number;
    return { saved, head: Number.isSafeInteger(head) && head >= 0 ? head : 0, record: this.#record(wanted, slot) };
  }

  #putAside(path: string, name: string, { message }: Error): void {
    try {
      renameSync(path, `${path}${ASIDE}`);
      this.#trouble(`the record of ${name} makes no sense (${message}) and was put aside: ${path}${ASIDE}`);
    } catch (error) {
      this.#trouble(`the record of ${name} makes no sense (${message}): ${(error as Error).message}`);
    }
  }

  /** For a new console; undefined if there are too many. */
  make(name: string): SavedRecord | undefined {
    let slot = 0;
    while (this.#used.has(slot)) {
      slot++;
    }
    if (slot === SLOTS) {
      return undefined;
    }
    this.#used.add(slot);
    return this.#record(name, slot);
  }

  #record(name: string, slot: number): SavedRecord {
    const path = join(this.#folder, `${name}${SUFFIX}`);
    return new SavedRecord(path, slot, this.#heads, this.#trouble, () => this.#used.delete(slot));
  }
}

export class SavedRecord {
  readonly #path: string;
  readonly #slot: number;
  readonly #heads: Float64Array;
  readonly #trouble: (message: string) => void;
  readonly #free: () => void;
  /** A failure to write is reported once. */
  #failed = false;
  /** Its slot may belong to another console by now. */
  #removed = false;

  constructor(path: string, slot: number, heads: Float64Array, trouble: (message: string) => void, free: () => void) {
    this.#trouble = trouble;
    this.#path = path;
    this.#slot = slot;
    this.#heads = heads;
    this.#free = free;
  }

  /** The end of the stream. No system call: it is called for every piece of output. */
  set head(offset: number) {
    if (!this.#removed) {
      this.#heads[this.#slot] = offset;
    }
  }

  /** If that fails (a full disk) the process runs on, and would be lost with the holder. */
  save(console: SavedConsole): void {
    const file: SavedFile = { ...console, slot: this.#slot };
    try {
      // Whole or not at all: we may be killed at any moment.
      writeFileSync(`${this.#path}${NEW}`, JSON.stringify(file), { mode: 0o600 });
      renameSync(`${this.#path}${NEW}`, this.#path);
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) {
        this.#trouble(`${console.name} would not outlive the holder: ${(error as Error).message}`);
      }
      this.#failed = true;
    }
  }

  /** The remaining output of a dying child no longer moves the offset. */
  remove(): void {
    if (this.#removed) {
      return;
    }
    this.#removed = true;
    try {
      rmSync(this.#path, { force: true });
    } catch (error) {
      this.#trouble(`${this.#path} cannot be removed: ${(error as Error).message}`);
    }
    this.#free();
  }
}
