import type { ConsoleSummary } from '../../../model/api.ts';
import { PROCESS_STATES } from '../../../model/process.ts';
import { text } from '../command/arguments.ts';
import { type Command, type Io, JSON_OPTION } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { noteHolder } from '../parts/holder-note.ts';
import { several } from '../parts/select.ts';
import { clean } from '../text/display.ts';
import { waitText } from '../text/fields.ts';
import { type Style, stateStyle, urgency } from '../text/styles.ts';
import { type Cell, layOut } from '../text/table.ts';
import { duration } from '../text/times.ts';

const COLUMNS = [
  { title: 'NAME', least: 12 },
  { title: 'STATE' },
  { title: 'SINCE' },
  { title: 'RESTARTS' },
  { title: 'WRITER', least: 6 },
  { title: 'LAST LINE', least: 9 },
];

/** Trouble first, then by name. */
export function byUrgency(a: ConsoleSummary, b: ConsoleSummary): number {
  const logs = (console: ConsoleSummary) => (console.logTrouble === undefined ? 1 : 0);
  return (
    urgency(a.state) - urgency(b.state) || logs(a) - logs(b) || a.name.localeCompare(b.name, 'en', { numeric: true })
  );
}

/** The lines of `holdfast ps`. */
export function psLines(
  consoles: readonly ConsoleSummary[],
  io: Pick<Io, 'columns' | 'color' | 'now'>,
): readonly string[] {
  const rows = [...consoles].sort(byUrgency).map((console) => {
    const { hour, total } = console.restarts;
    const style = stateStyle(console.state);
    return [
      { text: clean(console.name) },
      { text: console.state, style },
      { text: duration(io.now() - Date.parse(console.since)) },
      // The last hour is what matters at 3 a.m.; the total shows whether it is a habit.
      { text: hour > 0 ? `${hour}/h ${total}` : String(total), ...(hour > 0 ? { style: 'yellow' as const } : {}) },
      { text: clean(console.writer?.user ?? '-') },
      lastColumn(console, style, io),
    ];
  });
  return layOut(COLUMNS, rows, io.columns, io.color);
}

/** Why it is not up, if known, or why it has no log; otherwise its last line. */
function lastColumn(console: ConsoleSummary, style: Style, io: Pick<Io, 'now'>): Cell {
  const wait = waitText(console, io);
  const why = console.hold ? holdText(console) : wait && `waits for ${wait}`;
  if (why !== undefined) {
    return { text: why, style };
  }
  const { lastLine, logTrouble } = console;
  return logTrouble === undefined
    ? { text: clean(lastLine) }
    : { text: `not logged: ${clean(logTrouble.text)}`, style: 'yellow' };
}

function holdText({ hold }: ConsoleSummary): string {
  return hold === undefined ? '' : `held by ${clean(hold.by)}: ${clean(hold.reason)}`;
}

export const ps: Command = {
  name: 'ps',
  usage: '[NAME or PATTERN ...]',
  summary: 'list the consoles: state, since when, restarts, writer, last line',
  help: `Consoles in trouble come first. RESTARTS counts the automatic restarts of the last hour (as 3/h), then all of them, but
not those on request: restart, a kill key, a signal. Instead of its last line, a console that is held shows by whom and why,
one whose start waits shows for what, and one whose log is not written shows why.`,
  options: [
    { name: 'group', short: 'g', value: 'GROUP', help: 'only the consoles of this group' },
    { name: 'state', short: 's', value: 'STATE', help: 'only consoles in this state' },
    { name: 'quiet', short: 'q', help: 'print names only' },
    JSON_OPTION,
  ],
  completes: 'console',
  operands: [0, Number.POSITIVE_INFINITY],
  async run(context) {
    const { io, values } = context;
    const state = text(values, 'state');
    if (state !== undefined && !(PROCESS_STATES as readonly string[]).includes(state)) {
      throw new UsageError(`ps: '${state}' is not a state; there are ${PROCESS_STATES.join(', ')}`);
    }
    const chosen = (await several(context, 'all')).filter((console) => state === undefined || console.state === state);
    noteHolder(chosen, io);
    if (values.json) {
      io.out(`${JSON.stringify([...chosen].sort(byUrgency), undefined, 2)}\n`);
    } else if (values.quiet) {
      io.out(
        [...chosen]
          .sort(byUrgency)
          .map(({ name }) => `${clean(name)}\n`)
          .join(''),
      );
    } else if (chosen.length === 0) {
      io.err(`no consoles${state === undefined ? '' : ` are ${state}`}\n`);
    } else {
      io.out(`${psLines(chosen, io).join('\n')}\n`);
    }
    return EXIT.ok;
  },
};
