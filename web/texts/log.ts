/** Texts of the log view. */
import { counted, someOf } from '../../src/model/counted.ts';
import { local } from '../../src/model/time-text.ts';

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}

/** The first names, and how many more. */
const list = (names: readonly string[]) => someOf(names, 5);

const time = (at: number) => local(new Date(at).toISOString());

export const LOG_TEXTS = {
  logs: 'Logs',
  text: 'Text',
  textHint: 'text to find; empty: all lines',
  search: 'Search',
  cased: 'Match case',
  regex: 'Regular expression',
  badRegex: (why: string) => `This is not a regular expression: ${why}`,
  consoles: 'Consoles',
  allConsoles: 'all that you may read',
  times: 'Time',
  newestLines: 'Any time',
  last: { '1h': 'Last hour', '8h': 'Last shift (8 h)', '24h': 'Last day', '7d': 'Last week' },
  from: 'From',
  to: 'To',
  context: 'Lines around',
  contexts: { 0: 'matching lines only', 3: '3 lines around', 20: '20 lines around' },
  ask: 'Enter a text, or choose consoles or a time.',

  oldest: 'Oldest',
  earlier: 'Earlier',
  later: 'Later',
  newest: 'Newest',
  again: 'Refresh',
  cancel: 'Cancel',
  lines: 'Log lines, newest last',
  searching: 'Searching',
  progress: (done: number, all: number) => `Searched ${megabytes(done)} of ${megabytes(all)} MB`,
  cancelled: 'Cancelled.',
  failed: (reason: string) => `Not searched: ${reason.replace(/\.$/, '')}.`,
  shown: (count: number) => counted(count, 'line'),
  around: (at: number) => `Around ${time(at)}.`,
  found: 'Back to the results',
  none: 'No matching lines.',
  noneAll: 'No lines.',
  nothingBefore: 'Nothing earlier.',
  untoldBefore: 'There may be earlier lines: choose a time or search for a text.',
  moreBefore: 'Earlier lines are not shown.',
  noTime: (names: readonly string[]) =>
    `The first lines, of ${list(names)}, have no time: find them by text. log.stamp adds time stamps to a log.`,
  goingBack: (names: readonly string[]) =>
    `The times of ${list(names)} go back here, as in the repeated hour in autumn: lines near it may be missing or appear twice. holdfast logs has them in order.`,
  absent: (names: readonly string[]) => `No lines here from ${list(names)}.`,
  noLog: (names: readonly string[]) => `${list(names)} ${names.length === 1 ? 'keeps' : 'keep'} no log.`,
  unknown: (names: readonly string[]) => `There is no console ${list(names)}, or you may not see it.`,
  unsearched: (reason: string) => `Not searched: ${reason}.`,
  moreUnsearched: (count: number) => `${counted(count, 'other log')} could not be searched either.`,
  cut: 'Rest of this line not shown.',
  linesAround: (console: string, at: number) => `Show the lines around this one of ${console}, ${time(at)}`,
  unknownTime: 'time unknown',
} as const;
