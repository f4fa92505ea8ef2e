/** Searches many logs at once; what is found is merged by time as soon as it is clear that nothing earlier comes. */
import { HoldfastError } from '../model/errors.ts';
import type { LogFiles } from '../model/host-port.ts';
import type { FoundLine } from './excerpt.ts';
import { BlockMemory } from './log-blocks.ts';
import { type LogSearch, type SearchClock, type Step, searchLog } from './search-log.ts';

export interface NamedLog {
  readonly console: string;
  readonly files: LogFiles;
}

export interface Hit extends FoundLine {
  readonly console: string;
}

/** A log, or a file of one, that was not searched to its end. */
export interface Unsearched {
  readonly console: string;
  readonly unsearched: string;
}

/** Bytes searched, of so many in the logs opened so far. */
export interface Progress {
  readonly done: number;
  readonly all: number;
}

/** While one of them is searched, the next is read. */
const AT_ONCE = 2;
/** Files that cannot be opened because their disk hangs are waited for together. */
const OPENED_AT_ONCE = 32;

/**
 * Throws PatternTooSlow. The lines of one log keep their order, whatever their times say, and lines without a time come
 * with those before them. Logs are searched in the order of their times too, so that nothing piles up.
 */
export async function* searchLogs(
  logs: readonly NamedLog[],
  search: LogSearch,
  clock: SearchClock,
): AsyncGenerator<Hit | Unsearched | Progress> {
  const memory = new BlockMemory();
  let [done, all] = [0, 0];
  // In the order of what may come next from each.
  const cursors = logs.map(
    ({ console, files }, order) => new Cursor(console, order, searchLog(files, search, memory, clock)),
  );
  try {
    for (let [first] = cursors; first; [first] = cursors) {
      if (first.waiting.length > 0) {
        const second = cursors[1];
        while (first.waiting.length > 0 && (second === undefined || first.precedes(second))) {
          yield { console: first.console, ...(first.waiting.pop() as Waiting).line };
        }
      } else {
        for (const [at, cursor] of cursors.slice(0, OPENED_AT_ONCE).entries()) {
          if (at < AT_ONCE || !cursor.isBegun) {
            cursor.prepare();
          }
        }
        const { bytes, isFirst, isOver, unsearched } = await first.proceed();
        done += isFirst ? 0 : bytes;
        all += isFirst ? bytes : 0;
        yield { done, all };
        if (unsearched !== undefined) {
          yield { console: first.console, unsearched };
        }
        if (isOver) {
          cursors.shift();
          continue;
        }
      }
      cursors.shift();
      cursors.splice(placeIn(cursors, first), 0, first);
    }
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

function placeIn(cursors: readonly Cursor[], cursor: Cursor): number {
  let [low, high] = [0, cursors.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cursor.precedes(cursors[middle] as Cursor)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

interface Waiting {
  readonly line: FoundLine;
  readonly key: number;
}

interface Advance {
  readonly bytes: number;
  /** The bytes are those of all files. */
  readonly isFirst: boolean;
  readonly isOver: boolean;
  readonly unsearched: string | undefined;
}

/** One log on its way. */
class Cursor {
  readonly console: string;
  /** Found, and not given on yet, the last one first. */
  waiting: Waiting[] = [];
  /** Whether its files are open. */
  isBegun = false;
  readonly #order: number;
  readonly #steps: AsyncGenerator<Step>;
  #step: Promise<IteratorResult<Step>> | undefined;
  /** Nothing that is found later is sorted before this time: a clock that was set back does not move lines. */
  #reached = Number.NEGATIVE_INFINITY;

  constructor(console: string, order: number, steps: AsyncGenerator<Step>) {
    this.console = console;
    this.#order = order;
    this.#steps = steps;
  }

  precedes(other: Cursor): boolean {
    const [own, others] = [this.#next, other.#next];
    return own === others ? this.#order < other.#order : own < others;
  }

  get #next(): number {
    return this.waiting.at(-1)?.key ?? this.#reached;
  }

  /** Begins the next step, whose result counts only once it is asked for. */
  prepare(): void {
    if (this.waiting.length === 0 && this.#step === undefined) {
      this.#step = this.#steps.next();
      this.#step.catch(() => undefined);
    }
  }

  async proceed(): Promise<Advance> {
    this.prepare();
    try {
      const { done, value } = (await this.#step) as IteratorResult<Step, undefined>;
      this.#step = undefined;
      const isFirst = !this.isBegun;
      this.isBegun = true;
      if (done) {
        return { bytes: 0, isFirst: false, isOver: true, unsearched: undefined };
      }
      for (const line of value.found) {
        this.#reached = Math.max(this.#reached, line.time ?? this.#reached);
        this.waiting.push({ line, key: this.#reached });
      }
      this.waiting.reverse();
      this.#reached = Math.max(this.#reached, value.time ?? this.#reached);
      return { bytes: value.bytes, isFirst, isOver: false, unsearched: value.trouble };
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'HF_NO_LOG') {
        return { bytes: 0, isFirst: false, isOver: true, unsearched: error.message };
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#steps.return(undefined);
  }
}
