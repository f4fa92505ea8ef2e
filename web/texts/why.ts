/** Texts of the view that tells why a console is or was down. */
import { counted } from '../../src/model/counted.ts';
import { duration, local } from '../../src/model/time-text.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** At least two digits. */
function inUnits(bytes: number, unit: number, name: string): string {
  return `${(bytes / unit).toFixed(bytes < 10 * unit ? 1 : 0)} ${name}`;
}

const time = (at: number) => local(new Date(at).toISOString());

export const WHY_TEXTS = {
  why: 'Why',
  looking: 'Loading',
  noAnswer: (reason: string) => `This could not be loaded: ${reason}`,
  again: 'Try again',
  since: (iso: string, ms: number) => `since ${local(iso)}, ${duration(ms)} ago`,
  restarts: (hour: number, total: number, mode: string) =>
    `${counted(hour, 'restart')} in the last hour, ${total} in all, by its policy (${mode}).`,
  notStarted: (reason: string) => `Its last start failed: ${reason}`,

  ends: 'Last ends',
  noEnd: 'No ends recorded.',
  noEndSince: (iso: string) => `It has not ended since ${local(iso)}; the history does not go back further.`,
  endsKept: (shown: number) => `The last ${shown} are shown.`,
  ago: (ms: number) => `${duration(ms)} ago`,
  lastLines: (iso: string) => `Last lines before ${local(iso)}`,
  noLines: 'No output before it.',

  overTime: 'Over time',
  range: 'Time shown',
  ranges: { hour: 'Last hour', day: 'Last day' },
  plots: {
    ends: 'Ends',
    memory: 'Memory',
    cpu: 'Processors',
  },
  drawn: (name: string) => `${name} over time; the table below has the figures.`,
  own: 'on its own',
  asked: 'requested',
  endsSince: (at: number) => `Ends before ${time(at)} are not counted here: there have been too many since.`,
  usesSince: (at: number) => `Memory and processors are recorded since ${time(at)}, when this server started.`,
  noUses: 'Its memory and processors were not recorded.',
  missing: (reason: string) => `Memory and processors are not available: ${reason}.`,
  nothingOverTime: 'No ends and no memory were recorded in this time.',
  asTable: 'As a table',
  columns: { at: 'From', ends: 'Ends', asked: 'of these requested', memory: 'Most memory', cpu: 'Processors' },
  memory: (bytes: number) =>
    bytes === 0 ? '0' : bytes < 10 * GIB ? inUnits(bytes, MIB, 'MiB') : inUnits(bytes, GIB, 'GiB'),
  cpu: (processors: number) => (processors === 0 ? '0' : processors.toFixed(processors < 0.1 ? 3 : 2)),
  now: (memory: string | undefined, peak: string | undefined, processes: number | undefined) =>
    [
      ...(processes === undefined ? [] : [counted(processes, 'process', 'processes')]),
      ...(memory === undefined ? [] : [`${memory} now`]),
      ...(peak === undefined ? [] : [`${peak} at most`]),
    ].join(', '),

  log: 'The log around its last end',
  logBetween: (since: number, until: number) => `${time(since)} to ${time(until)}`,
  openLog: 'Open in the log view',
  noLog: 'It keeps no log.',
  nothingLogged: 'Nothing was logged in this time.',
  logCut: (lines: number) => `The last ${lines} lines of this time.`,

  happened: 'What happened, and who did it',
  history: 'Open in the history, with all sessions',
  nothingHappened: 'Nothing recorded.',
  moreHappened: (shown: number) => `The newest ${shown} are shown.`,
  showAll: (all: number) => `Show all ${all}`,
  configured: (action: string) => `configuration applied: ${action}`,
} as const;
