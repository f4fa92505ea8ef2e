/**
 * Holds, kept in two files of the state directory: a held console stays held across a restart of the machine, and is
 * not started because a file is damaged (decision 68).
 */
import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HoldInfo } from '../model/api.ts';
import { replaceFile, syncFolder } from '../platform/files/replace-file.ts';
import { type Boot, thisBoot } from '../platform/process/boot.ts';
import type { Clock } from '../platform/time/clock.ts';
import { inTime } from '../platform/time/in-time.ts';
import { CLOCK_STEP_MS } from './hold-ends.ts';
import { unknownHold } from './unknown-hold.ts';

/** The copy is written first: it contains everything that the other one does. */
const NAMES = ['holds.json.copy', 'holds.json'] as const;
/** Milliseconds after which a disk that has not answered has failed to save them. */
const TIMEOUT_MS = 5000;
/** Milliseconds until it is retried. */
const RETRY_DELAY_MS = 10_000;

export type Holds = ReadonlyMap<string, HoldInfo>;

export interface KeptHolds {
  readonly holds: Holds;
  /** Monotonic time since which the clock is known not to have been set: an earlier server of this boot wrote then. */
  readonly steadySince?: number;
  /** Some may be missing: a console counts as held unless it is known not to be. */
  readonly doubtful: boolean;
}

/** The boot, the time since boot of the write, and how far ahead of that the wall clock was. Milliseconds. */
interface Written {
  readonly boot: string;
  readonly at: number;
  readonly ahead: number;
}

/** One of the files; `version` grows with every write. */
interface Copy {
  readonly version: number;
  readonly written?: Written;
  readonly holds: Holds;
}

export class HoldsFile {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #trouble: (message: string) => void;
  #version = 0;
  /** Resolves when nothing is being written. */
  #idle: Promise<void> = Promise.resolve();
  /** The next holds to write. */
  #next: { holds: Holds; readonly done: Promise<void> } | undefined;
  #failed = false;
  /** The current holds. */
  #wanted: Holds = new Map();
  readonly #boot: Boot;

  /** `trouble` is called once when they cannot be saved, again when they can, and for files that cannot be read. */
  constructor(folder: string, clock: Clock, trouble: (message: string) => void, boot = thisBoot()) {
    this.#boot = boot;
    this.#folder = folder;
    this.#clock = clock;
    this.#trouble = trouble;
  }

  /**
   * A damaged file is reported and put aside, but stays in its place until the next write: until then it is still in
   * doubt.
   */
  async read(): Promise<KeptHolds> {
    const found = await Promise.all(NAMES.map((name) => this.#read(name)));
    const copies = found.filter((each) => each !== undefined && each !== 'damaged');
    const damaged = found.filter((each) => each === 'damaged').length;
    const newest = copies.toSorted((a, b) => b.version - a.version)[0];
    this.#version = newest?.version ?? 0;
    if (damaged > 0) {
      this.#trouble(
        newest
          ? `the holds are those of ${NAMES[found.indexOf(newest)]}, which is whole`
          : 'it is unknown what was held: every console that may have been held stays held until it is released',
      );
    }
    const steadySince = newest?.written && this.#steadySince(newest.written);
    return {
      holds: newest?.holds ?? new Map(),
      doubtful: damaged > 0 && newest === undefined,
      ...(steadySince === undefined ? {} : { steadySince }),
    };
  }

  #steadySince({ boot, at, ahead }: Written): number | undefined {
    const { id } = this.#boot;
    const uptime = this.#boot.uptime();
    const steady = Math.abs(this.#clock.now() - uptime - ahead) <= CLOCK_STEP_MS;
    return id !== '' && id === boot && steady ? this.#clock.monotonic() - (uptime - at) : undefined;
  }

  /** Rejects if they are not saved; it is then retried from time to time. */
  write(holds: Holds): Promise<void> {
    this.#wanted = holds;
    if (this.#next) {
      this.#next.holds = holds;
    } else {
      const done = this.#idle.then(() => this.#writeNext());
      this.#next = { holds, done };
      this.#idle = done.catch(() => undefined);
    }
    const late = () => new Error(`${this.#folder} has not answered for ${TIMEOUT_MS / 1000} s`);
    return inTime(this.#clock, TIMEOUT_MS, this.#next.done, late);
  }

  async #writeNext(): Promise<void> {
    const { holds } = this.#next as { holds: Holds };
    this.#next = undefined;
    const at = this.#boot.uptime();
    const written = { boot: this.#boot.id, at, ahead: this.#clock.now() - at };
    const text = asText({ version: ++this.#version, written, holds });
    try {
      for (const name of NAMES) {
        await replaceFile(join(this.#folder, name), text, 0o640);
      }
      await syncFolder(this.#folder);
    } catch (error) {
      if (!this.#failed) {
        this.#failed = true;
        this.#trouble(`holds are not kept over a restart of the machine: ${(error as Error).message}`);
      }
      this.#clock.after(RETRY_DELAY_MS, () => {
        if (!this.#next && this.#failed) {
          // Not the holds that failed then: another one may have been held or released since.
          this.write(this.#wanted).catch(() => undefined);
        }
      });
      throw error;
    }
    if (this.#failed) {
      this.#failed = false;
      this.#trouble('holds are kept over a restart of the machine again');
    }
  }

  /** Undefined: there is none. */
  async #read(name: string): Promise<Copy | 'damaged' | undefined> {
    const path = join(this.#folder, name);
    try {
      return this.#parse(path, await readFile(path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      const kept = await copyFile(path, `${path}.bad`).then(
        () => `; it is kept as ${name}.bad`,
        () => '',
      );
      this.#trouble(`${path} cannot be read: ${(error as Error).message}${kept}`);
      return 'damaged';
    }
  }

  #parse(path: string, text: string): Copy {
    const value: unknown = JSON.parse(text);
    if (!isTable(value)) {
      throw new Error('that is not a list of holds');
    }
    const { version, written, sum, holds } = value;
    if ([version, sum, holds].filter((each) => each !== undefined).length > 1) {
      if (!isTable(holds) || !Number.isSafeInteger(version) || sum !== sumOf(version, written, holds)) {
        throw new Error('its checksum is another one');
      }
      return { version: version as number, written: written as Written, holds: this.#entries(path, holds) };
    }
    // As the first servers wrote it.
    return { version: 0, holds: this.#entries(path, value) };
  }

  /** An entry that makes no sense still shows a hold. */
  #entries(path: string, table: Readonly<Record<string, unknown>>): Holds {
    const entries = Object.entries(table).map(([name, entry]): [string, HoldInfo] => {
      const { reason, by, since, until, resume } = isTable(entry) ? entry : {};
      const texts = [reason, by, since].every((each) => typeof each === 'string');
      const ends = typeof until === 'string' && !Number.isNaN(Date.parse(until));
      if (!texts || (until !== undefined && !ends)) {
        this.#trouble(`${path}: the entry of ${name} is damaged, so ${name} is held until it is released`);
      }
      const known = texts ? { reason, by, since } : unknownHold(this.#clock.now());
      return [
        name,
        {
          ...(known as Pick<HoldInfo, 'reason' | 'by' | 'since'>),
          ...(ends ? { until } : {}),
          ...(typeof resume === 'boolean' ? { resume } : {}),
        },
      ];
    });
    return new Map(entries);
  }
}

function asText({ version, written, holds }: Copy): string {
  const table = Object.fromEntries(holds);
  return `${JSON.stringify({ version, written, sum: sumOf(version, written, table), holds: table }, null, 2)}\n`;
}

function sumOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
