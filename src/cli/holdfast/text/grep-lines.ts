/** The search of `holdfast grep`: matches with their context in one log, then all logs merged by time. */
import { stampOf } from '../../../logs/line-time.ts';

export interface Hit {
  readonly console: string;
  readonly line: string;
  /** Time of the line, or of the last line before it that has one. */
  readonly time: number;
  /** A line near a match, shown for context. */
  readonly context: boolean;
  /** In a search with context: lines between this one and the one shown before it are left out. */
  readonly gap: boolean;
}

export interface Search {
  /** Which of some lines match. */
  readonly test: (lines: readonly string[]) => readonly boolean[];
  readonly before: number;
  readonly after: number;
  /** Milliseconds since 1970; lines outside are left out, where the log has times. */
  readonly since?: number;
  readonly until?: number;
}

/** Lines are tested together, up to this many characters. */
const BATCH = 65_536;

/** Matches of one log, in its order. */
export async function* search(console: string, lines: AsyncIterable<string>, how: Search): AsyncGenerator<Hit> {
  const waiting: { line: string; time: number; number: number }[] = [];
  let time = Number.NEGATIVE_INFINITY;
  let after = 0;
  let number = 0;
  let shown = 0;
  const hit = (entry: { line: string; time: number; number: number }, context: boolean): Hit => {
    const gap = how.before + how.after > 0 && shown > 0 && entry.number > shown + 1;
    shown = entry.number;
    return { console, line: entry.line, time: entry.time, context, gap };
  };
  for await (const { line, matches } of tested(lines, how.test)) {
    number++;
    time = stampOf(line) ?? time;
    if (
      (how.since !== undefined && time !== Number.NEGATIVE_INFINITY && time < how.since) ||
      (how.until ?? time) < time
    ) {
      continue;
    }
    const entry = { line, time, number };
    if (matches) {
      for (const earlier of waiting.splice(0)) {
        yield hit(earlier, true);
      }
      yield hit(entry, false);
      after = how.after;
    } else if (after > 0) {
      after--;
      yield hit(entry, true);
    } else if (how.before > 0) {
      waiting.push(entry);
      if (waiting.length > how.before) {
        waiting.shift();
      }
    }
  }
}

async function* tested(lines: AsyncIterable<string>, test: Search['test']) {
  let batch: string[] = [];
  let size = 0;
  const flush = () => {
    const matches = test(batch);
    const entries = batch.map((line, at) => ({ line, matches: matches[at] ?? false }));
    batch = [];
    size = 0;
    return entries;
  };
  for await (const line of lines) {
    batch.push(line);
    size += line.length;
    if (size > BATCH) {
      yield* flush();
    }
  }
  yield* flush();
}

/** All matches by time; those of one console keep their order, whatever their times say. */
export function mergeByTime(logs: readonly (readonly Hit[])[]): readonly Hit[] {
  const keyed = logs.flatMap((hits) => {
    // A clock that was set back must not move a line ahead of its predecessor.
    let key = Number.NEGATIVE_INFINITY;
    return hits.map((hit) => {
      key = Math.max(key, hit.time);
      return { key, hit };
    });
  });
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ hit }) => hit);
}
