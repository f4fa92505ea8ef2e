/** What the view of logs says. */
import { counted, someOf } from '../../src/model/counted.ts';
import { local } from '../../src/model/time-text.ts';

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}

/** As many as one reads. */
const list = (names: readonly string[]) => someOf(names, 5);

const time = (at: number) => local(new Date(at).toISOString());

export const LOG_TEXTS = {
  logs: 'Logs',
  text: 'Text',
  textHint: 'text in the lines; nothing: all lines',
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
  contexts: { 0: 'only what is found', 3: '3 lines around', 20: '20 lines around' },
  ask: 'Choose consoles, a time or a text to look for.',

  oldest: 'Oldest',
  earlier: 'Earlier',
  later: 'Later',
  newest: 'Newest',
  again: 'Look again',
  cancel: 'Cancel',
  lines: 'Lines, the newest last',
  searching: 'Searching',
  progress: (done: number, all: number) => `Searched ${megabytes(done)} of ${megabytes(all)} MB`,
  cancelled: 'Cancelled.',
  failed: (reason: string) => `Not searched: ${reason.replace(/\.$/, '')}.`,
  shown: (count: number) => counted(count, 'line'),
  around: (at: number) => `Around ${time(at)}.`,
  found: 'Back to what was found',
  none: 'No line was found.',
  noneAll: 'There are no lines.',
  nothingBefore: 'Nothing earlier.',
  untoldBefore: 'There may be earlier lines: choose a time, or look for a text.',
  moreBefore: 'Earlier lines are left out.',
  noTime: (names: readonly string[]) =>
    `No time is known of these lines of ${list(names)}, which come first: look for text in them. log.stamp puts times into a log.`,
  absent: (names: readonly string[]) => `None of these lines is of ${list(names)}.`,
  noLog: (names: readonly string[]) => `${list(names)} ${names.length === 1 ? 'keeps' : 'keep'} no log.`,
  unknown: (names: readonly string[]) => `There is no console ${list(names)}, or you may not see it.`,
  unsearched: (reason: string) => `Not searched: ${reason}.`,
  moreUnsearched: (count: number) => `${counted(count, 'other log')} could not be searched either.`,
  cut: 'The rest of this line is not shown.',
  linesAround: (console: string, at: number) => `The lines around this one of ${console}, ${time(at)}`,
  unknownTime: 'time not known',
} as const;
