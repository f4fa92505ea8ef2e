/** A search as commands and the control API ask for it. */
import type { SearchItem } from '../model/api.ts';
import type { SearchRequest } from '../model/host-port.ts';
import { literalPattern } from '../model/literal-pattern.ts';
import { PatternTooSlow, WRITE_INSTEAD } from '../platform/line-matcher.ts';
import type { Clock } from '../platform/time/clock.ts';
import { LineFinder } from './line-finder.ts';
import { type Hit, type NamedLog, searchLogs, type Unsearched } from './search-logs.ts';

/** Characters of a line that are told. */
const LONGEST = 1 << 17;
/** Most characters of all lines kept until the last ones are known. */
const MOST_KEPT = 1 << 24;
/** Milliseconds between two reports of progress. */
const REPORT_MS = 200;

/** Throws a SyntaxError. */
export function searchPattern({ fixed, ignoreCase, pattern }: SearchRequest): RegExp {
  const source = fixed ? literalPattern(pattern) : pattern;
  return new RegExp(source, ignoreCase ? 'iu' : 'u');
}

export async function* search(
  logs: readonly NamedLog[],
  request: SearchRequest,
  clock: Clock,
): AsyncGenerator<SearchItem> {
  const { after = 0, before = 0, since, timed = false, until } = request;
  const range = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  const finder = new LineFinder(searchPattern(request));
  const last = request.tail === undefined ? undefined : new LastLines(request.tail);
  let reported = clock.monotonic();
  try {
    for await (const item of searchLogs(logs, { finder, before, after, timed, ...range }, clock)) {
      if (!('done' in item)) {
        const told = toldAs(item);
        if (last && told.kind === 'line') {
          last.add(told);
        } else {
          yield told;
        }
      } else if (clock.monotonic() - reported >= REPORT_MS) {
        reported = clock.monotonic();
        yield { kind: 'progress', ...item };
      }
    }
    yield* last?.lines() ?? [];
  } catch (error) {
    if (!(error instanceof PatternTooSlow)) {
      throw error;
    }
    yield { kind: 'failed', reason: `the pattern took ${error.message} for a part of a log: ${WRITE_INSTEAD}` };
  }
}

function toldAs(item: Hit | Unsearched): SearchItem {
  if ('unsearched' in item) {
    return { kind: 'unsearched', console: item.console, reason: item.unsearched };
  }
  const { console, context, gap, line, time } = item;
  const when = time === undefined ? null : new Date(time).toISOString();
  return { kind: 'line', console, time: when, line: line.slice(0, LONGEST), context, gap };
}

type ToldLine = Extract<SearchItem, { kind: 'line' }>;

/** The last lines found. */
class LastLines {
  readonly #most: number;
  #kept: ToldLine[] = [];
  /** Lines of `#kept` already dropped. */
  #passed = 0;
  #characters = 0;
  #isCut = false;

  constructor(most: number) {
    this.#most = most;
  }

  add(line: ToldLine): void {
    this.#kept.push(line);
    this.#characters += line.line.length;
    while (this.#kept.length - this.#passed > this.#most || this.#characters > MOST_KEPT) {
      this.#characters -= (this.#kept[this.#passed] as ToldLine).line.length;
      this.#passed++;
      this.#isCut = true;
    }
    if (this.#passed > this.#most) {
      this.#kept = this.#kept.slice(this.#passed);
      this.#passed = 0;
    }
  }

  *lines(): Generator<ToldLine> {
    const [first, ...rest] = this.#kept.slice(this.#passed);
    if (first) {
      yield { ...first, gap: first.gap || this.#isCut };
      yield* rest;
    }
  }
}
