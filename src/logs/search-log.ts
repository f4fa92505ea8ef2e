/** Searches one log, file after file, a block at a time. */
import type { LogFiles } from '../model/host-port.ts';
import { PatternTooSlow } from '../platform/line-matcher.ts';
import type { Clock } from '../platform/time/clock.ts';
import { Excerpt, type FoundLine } from './excerpt.ts';
import type { LineFinder } from './line-finder.ts';
import { type Block, type BlockMemory, mapBlocks } from './log-blocks.ts';
import { closeParts, type LogPart, openParts } from './log-parts.ts';
import { stampedRanges } from './stamped-range.ts';

export interface LogSearch {
  readonly finder: LineFinder;
  /** Lines of context. */
  readonly before: number;
  readonly after: number;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
  /** Only lines whose time is known. */
  readonly timed?: boolean;
}

export type SearchClock = Pick<Clock, 'monotonic'>;

/** The result of one step of a search. */
export interface Step {
  readonly found: readonly FoundLine[];
  /** The time at its end, as far as known. */
  readonly time: number | undefined;
  /** Bytes of the files that were dealt with; of all files in the first step. */
  readonly bytes: number;
  /** A file that could not be read to its end, and why. */
  readonly trouble?: string;
}

/** Throws HF_NO_LOG if the files cannot be opened, and PatternTooSlow. The first step tells the bytes of all files. */
export async function* searchLog(
  files: LogFiles,
  search: LogSearch,
  memory: BlockMemory,
  clock: SearchClock,
): AsyncGenerator<Step> {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = search;
  const opened = await openParts(files, () => undefined);
  let part: LogPart | undefined;
  const shows = (time: number | undefined): boolean =>
    time === undefined ? !search.timed && (part === undefined || part.begun <= until) : time >= since && time <= until;
  const excerpt = new Excerpt({ before: search.before, after: search.after, shows });
  try {
    // Not by `until`: a copy or a late gzip makes a file look newer than its lines.
    const fitting = opened.filter(({ ended }) => ended >= since);
    yield { found: [], time: undefined, bytes: fitting.reduce((sum, { size }) => sum + size, 0) };
    let base = 0;
    for (part of fitting) {
      const from = base;
      const use = ({ at, bytes }: Block): Step => {
        base = from + at + bytes.length;
        return { ...excerpt.take(bytes, from + at, search.finder.find(bytes)), bytes: bytes.length };
      };
      try {
        const ranges = await stampedRanges(part, since, until);
        const steps = mapBlocks(part, ranges, memory, use);
        yield* part.packed ? withFindings(steps, part.size, clock) : steps;
      } catch (error) {
        if (error instanceof PatternTooSlow) {
          throw error;
        }
        const trouble = `${files.path}${part.suffix} cannot be read to its end: ${(error as Error).message}`;
        yield { found: [], time: undefined, bytes: 0, trouble };
      }
    }
  } finally {
    closeParts(opened);
  }
}

/** A caller takes a longer silence for a hung server. */
const SILENT_MS = 1000;

/** Unpacked data stays in memory while a step is handled, so steps without anything to report are dropped. `size`: bytes of the packed file. */
async function* withFindings(steps: AsyncGenerator<Step>, size: number, clock: SearchClock): AsyncGenerator<Step> {
  let time: number | undefined;
  let told = clock.monotonic();
  for await (const step of steps) {
    time = step.time ?? time;
    if (step.found.length > 0 || clock.monotonic() - told >= SILENT_MS) {
      told = clock.monotonic();
      yield { found: step.found, time, bytes: 0 };
    }
  }
  yield { found: [], time, bytes: size };
}
