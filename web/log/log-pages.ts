/** The displayed part of the logs: a window over their lines, and what follows at both ends. Pure. */

export interface LogLine {
  /** Unique on this page only. */
  readonly id: number;
  readonly console: string;
  /** Milliseconds since 1970; undefined: not known. Such lines come first. */
  readonly time: number | undefined;
  readonly text: string;
  /** Context of a match. */
  readonly context: boolean;
  /** Lines before it are omitted. */
  readonly gap: boolean;
}

/** The lines up to a time, except the last `skip`, which have that time and are shown already. */
export interface Before {
  readonly until: number | undefined;
  readonly skip: number;
}

/** The lines from a time on, except the first `skip`. */
export interface After {
  readonly since: number | undefined;
  readonly skip: number;
  /** Lines without a time come first, so they are reached last. */
  readonly isTimed: boolean;
}

/** `nothing`: there are none; `untold`: there may be some that cannot be reached from here. */
export type Edge<Way> = Way | 'nothing' | 'untold';

export interface LogWindow {
  readonly lines: readonly LogLine[];
  readonly before: Edge<Before>;
  readonly after: Edge<After>;
}

const HOUR_MS = 3_600_000;
/** Lines per request. */
export const PAGE_LINES = 300;
/** Most lines shown. */
export const MOST_LINES = 900;
/** Most lines that a server counts from an end. */
const MOST_SKIPPED = 10_000 - PAGE_LINES;

/** The page before the first of `lines`, which were reached by `way`; undefined: by another one. `isMore`: there are lines. */
export function beforeOf(lines: readonly LogLine[], way: Before | undefined, isMore: boolean): Edge<Before> {
  if (!isMore) {
    return 'nothing';
  }
  const time = lines[0]?.time;
  if (time === undefined) {
    const skip = (way?.skip ?? 0) + lines.length;
    return way === undefined || skip > MOST_SKIPPED ? 'untold' : { until: way.until, skip };
  }
  const same = countWhile(lines, (line) => line.time === time);
  if (same === lines.length && way === undefined) {
    // There may have been others of that time below.
    return 'untold';
  }
  const skip = same === lines.length && way?.until === time ? same + way.skip : same;
  return skip > MOST_SKIPPED ? 'untold' : { until: time, skip };
}

/** The page after the last of `lines`, which were reached by `way`; undefined: by another one. */
export function afterOf(lines: readonly LogLine[], way: After | undefined): Edge<After> {
  const time = lines.at(-1)?.time;
  const same = time === undefined ? lines.length : countWhile(lines.toReversed(), (line) => line.time === time);
  if (same < lines.length) {
    return { since: time, skip: same, isTimed: true };
  }
  // All of one time, or without: how many are before them is known only by the way that led here.
  if (way === undefined) {
    return 'untold';
  }
  return time === undefined || (way.isTimed && way.since === time)
    ? { ...way, skip: way.skip + same }
    : { since: time, skip: same, isTimed: true };
}

/** With a page of lines added above, and the excess dropped below. */
export function withEarlier(shown: LogWindow, page: readonly LogLine[], before: Edge<Before>): LogWindow {
  const lines = [...page, ...shown.lines];
  if (lines.length <= MOST_LINES) {
    return { lines, before, after: shown.after };
  }
  const kept = lines.slice(0, MOST_LINES);
  return { lines: kept, before, after: afterOf(kept, undefined) };
}

export function withLater(shown: LogWindow, page: readonly LogLine[], after: Edge<After>): LogWindow {
  const lines = [...shown.lines, ...page];
  if (lines.length <= MOST_LINES) {
    return { lines, before: shown.before, after };
  }
  const kept = lines.slice(-MOST_LINES);
  return { lines: kept, before: beforeOf(kept, undefined, true), after };
}

/**
 * The consoles whose times go back in these lines, or may, in the repeated hour in autumn. A page is cut by time, so it may have left out lines
 * of such a log, or repeat them.
 */
export function goingBack(lines: readonly LogLine[]): readonly string[] {
  const latest = new Map<string, number>();
  const back = new Set<string>();
  for (const { console, time } of lines) {
    if (time !== undefined) {
      if (time < (latest.get(console) ?? time) || isTwice(time)) {
        back.add(console);
      }
      latest.set(console, time);
    }
  }
  return [...back];
}

/** Whether the local clock shows this time twice. */
function isTwice(time: number): boolean {
  const [before, at, after] = [-HOUR_MS, 0, HOUR_MS].map((by) => new Date(time + by).getTimezoneOffset());
  return Number(before) < Number(at) || Number(at) < Number(after);
}

/** How far back to search first: the newest lines of a log are found without reading all of it. */
const LOOKS_MS = [HOUR_MS, 24 * HOUR_MS];

/** The successive start times of a search up to `until`; the last one is `since`. */
export function looksBack(since: number | undefined, until: number): readonly (number | undefined)[] {
  return [...LOOKS_MS.map((look) => until - look).filter((from) => since === undefined || from > since), since];
}

function countWhile<T>(all: readonly T[], holds: (each: T) => boolean): number {
  const end = all.findIndex((each) => !holds(each));
  return end < 0 ? all.length : end;
}
