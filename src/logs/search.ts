/** A search as commands and the control API ask for it. */
import type { SearchItem } from '../model/api.ts';
import type { SearchRequest } from '../model/host-port.ts';
import { PatternTooSlow, WRITE_INSTEAD } from '../platform/line-matcher.ts';
import type { Clock } from '../platform/time/clock.ts';
import { LineFinder } from './line-finder.ts';
import { type Hit, type NamedLog, searchLogs, type Unsearched } from './search-logs.ts';

/** Characters of a line that are told. */
const LONGEST = 1 << 17;
/** Milliseconds between two reports of progress. */
const REPORT_MS = 200;

/** Throws a SyntaxError. */
export function searchPattern({ fixed, ignoreCase, pattern }: SearchRequest): RegExp {
  const source = fixed ? pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : pattern;
  return new RegExp(source, ignoreCase ? 'iu' : 'u');
}

export async function* search(
  logs: readonly NamedLog[],
  request: SearchRequest,
  clock: Clock,
): AsyncGenerator<SearchItem> {
  const { after = 0, before = 0, since, until } = request;
  const range = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  const finder = new LineFinder(searchPattern(request));
  let reported = clock.monotonic();
  try {
    for await (const item of searchLogs(logs, { finder, before, after, ...range })) {
      if (!('done' in item)) {
        yield toldAs(item);
      } else if (clock.monotonic() - reported >= REPORT_MS) {
        reported = clock.monotonic();
        yield { kind: 'progress', ...item };
      }
    }
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
