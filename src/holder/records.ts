/**
 * What a holder writes down of its consoles, so that the next one can go on after its sudden death: a file for each, and where
 * their streams were. The folder lies in memory (/run), and belongs to one boot of the machine.
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
import type { EndRecord, LogSpec } from '../model/holder-protocol.ts';
import type { ChildSpec } from '../model/process-host.ts';
import { complain } from '../platform/complain.ts';
import { native } from '../platform/native.ts';

export interface SavedChild {
  readonly pid: number;
  /** Names the process together with its pid (platform/proc.ts). */
  readonly startTime: string;
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  /** Where in the stream it begins. */
  readonly startOffset: number;
  readonly stop?: ChildSpec['stop'];
}

export interface SavedConsole {
  readonly name: string;
  readonly memo: string;
  readonly log?: LogSpec;
  readonly child?: SavedChild;
  readonly end?: EndRecord;
}

interface SavedFile extends SavedConsole {
  readonly slot: number;
}

const SUFFIX = '.json';
const HEADS = 'heads';
/** Consoles whose offset has a place. */
const SLOTS = 8192;
const SLOT_SIZE = 8;

export class Records {
  readonly #folder: string;
  readonly #heads: Float64Array;
  readonly #used = new Set<number>();

  /** Makes the folder, or takes over that of an earlier holder of this boot. */
  constructor(folder: string, boot: string) {
    this.#folder = join(folder, boot);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const fd = openSync(join(this.#folder, HEADS), 'a+', 0o600);
    if (fstatSync(fd).size !== SLOTS * SLOT_SIZE) {
      // With all its pages: one that cannot be had later, on a full disk, would be a SIGBUS.
      ftruncateSync(fd, 0);
      writeSync(fd, new Uint8Array(SLOTS * SLOT_SIZE));
    }
    this.#heads = new Float64Array(native.mapFile(fd, SLOTS * SLOT_SIZE));
    closeSync(fd);
  }

  /** What was left, each with the offset that its stream had reached. A file that makes no sense is removed. */
  take(): { readonly saved: SavedConsole; readonly head: number; readonly record: ConsoleRecord }[] {
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(SUFFIX))
      .flatMap((file) => {
        const path = join(this.#folder, file);
        try {
          const { slot, ...saved } = JSON.parse(readFileSync(path, 'utf8')) as SavedFile;
          this.#used.add(slot);
          return [{ saved, head: this.#heads[slot] as number, record: this.#record(saved.name, slot) }];
        } catch {
          rmSync(path, { force: true });
          return [];
        }
      });
  }

  /** For a console that is new; undefined: there are too many. */
  make(name: string): ConsoleRecord | undefined {
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

  #record(name: string, slot: number): ConsoleRecord {
    return new ConsoleRecord(join(this.#folder, `${name}${SUFFIX}`), slot, this.#heads, () => this.#used.delete(slot));
  }
}

export class ConsoleRecord {
  readonly #path: string;
  readonly #slot: number;
  readonly #heads: Float64Array;
  readonly #free: () => void;

  constructor(path: string, slot: number, heads: Float64Array, free: () => void) {
    this.#path = path;
    this.#slot = slot;
    this.#heads = heads;
    this.#free = free;
  }

  /** How far the stream goes. No system call: it is told of every piece of output. */
  set head(offset: number) {
    this.#heads[this.#slot] = offset;
  }

  /** Where that fails (a full disk) the process runs on, and would be lost with the holder. */
  save(console: SavedConsole): void {
    const file: SavedFile = { ...console, slot: this.#slot };
    try {
      // Whole or not at all: we may be killed at any moment.
      writeFileSync(`${this.#path}.new`, JSON.stringify(file), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      complain(`holdfast holder: ${(error as Error).message}\n`);
    }
  }

  remove(): void {
    rmSync(this.#path, { force: true });
    this.#free();
  }
}
