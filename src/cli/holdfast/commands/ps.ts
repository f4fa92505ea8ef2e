import { WatchFeed } from '../../../client/watch-feed.ts';
import type { ConsoleSummary } from '../../../model/api.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { userText } from '../../../model/principal.ts';
import { PROCESS_STATES } from '../../../model/process.ts';
import type { Timer } from '../../../platform/time/clock.ts';
import { text } from '../command/arguments.ts';
import { type Command, type Context, type Io, JSON_OPTION } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { noteHolder } from '../parts/holder-note.ts';
import { selected, several } from '../parts/select.ts';
import { clean } from '../text/display.ts';
import { waitText } from '../text/fields.ts';
import { LiveLines } from '../text/live-lines.ts';
import { paint, type Style, stateStyle, urgency } from '../text/styles.ts';
import { type Cell, layOut } from '../text/table.ts';
import { duration } from '../text/times.ts';

const GONE = '-- the server is gone; waiting for it: this is what it last said --';
const SECOND_MS = 1000;

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
      { text: clean(console.writer ? userText(console.writer) : '-') },
      lastColumn(console, style, io),
    ];
  });
  return layOut(COLUMNS, rows, io.columns, io.color);
}

/** Why it is not up, if known, or why it has no log; otherwise its last line. */
export function lastColumn(console: ConsoleSummary, style: Style, io: Pick<Io, 'now'>): Cell {
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

/** What `ps` prints: JSON, names or the table. */
function psText(chosen: readonly ConsoleSummary[], { io, values }: Pick<Context, 'io' | 'values'>): string {
  const rows = [...chosen].sort(byUrgency);
  if (values.json) {
    return `${JSON.stringify(rows, undefined, values.watch ? undefined : 2)}\n`;
  }
  const lines = values.quiet ? rows.map(({ name }) => clean(name)) : psLines(rows, io);
  return lines.map((line) => `${line}\n`).join('');
}

/** Shows it until Ctrl-C, also while servers come and go. */
async function watchPs(context: Context, choose: (all: readonly ConsoleSummary[]) => readonly ConsoleSummary[]) {
  const { client, clock, io, values } = context;
  const feed = new WatchFeed(client, clock);
  const screen = io.terminal && !values.json ? new LiveLines(io) : undefined;
  const last = { text: '', notes: '' };
  const show = (): void => {
    const chosen = chosenNow();
    const text = chosen.length === 0 && !values.json && !values.quiet ? 'no consoles\n' : psText(chosen, context);
    let notes = feed.lost ? `${paint(io.color, 'yellow', GONE)}\n` : '';
    noteHolder(chosen, {
      err: (note) => {
        notes += note;
      },
    });
    if (screen) {
      screen.draw(`${notes}${text}`.split('\n').slice(0, -1));
      return;
    }
    io.err(notes === last.notes ? '' : notes);
    if (text !== last.text) {
      io.out(last.text === '' || values.json ? text : `\n${text}`);
    }
    Object.assign(last, { text, notes });
  };
  let isFirst = true;
  const chosenNow = (): readonly ConsoleSummary[] => {
    try {
      return choose(feed.table.consoles);
    } catch (error) {
      // What was there at first may be gone by now, and come back.
      if (isFirst || !(error instanceof HoldfastError)) {
        throw error;
      }
      return [];
    } finally {
      isFirst = false;
    }
  };
  let tick: Timer | undefined;
  // How long ago everything was.
  const showAgain = (): void => {
    tick = clock.after(SECOND_MS, () => {
      show();
      showAgain();
    });
  };
  try {
    for await (const _ of feed.follow(io.interrupted)) {
      show();
      if (screen && !tick) {
        showAgain();
      }
    }
  } finally {
    tick?.cancel();
  }
}

/** Why there is nothing to show. */
async function noneText({ client }: Context): Promise<string> {
  const { consoles } = await client.version();
  return consoles === 0
    ? 'no consoles'
    : `you may see none of the ${consoles} consoles of this server: 'holdfast access' says what you may, and whom to ask`;
}

export const ps: Command = {
  name: 'ps',
  usage: '[NAME or PATTERN ...]',
  summary: 'list the consoles: state, since when, restarts, writer, last line',
  help: `Consoles in trouble come first. RESTARTS counts the automatic restarts of the last hour (as 3/h), then all of them, but
not those on request: restart, a kill key, a signal. Instead of its last line, a console that is held shows by whom and why,
one whose start waits shows for what, and one whose log is not written shows why.

With --watch the list stays and follows what happens, until Ctrl-C, also across restarts of the server. Where output is not
a terminal it is printed again whenever something has changed, with --json as one line.`,
  options: [
    { name: 'group', short: 'g', value: 'GROUP', help: 'only the consoles of this group' },
    { name: 'state', short: 's', value: 'STATE', help: 'only consoles in this state' },
    { name: 'watch', short: 'w', help: 'go on showing them' },
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
    const inState = (console: ConsoleSummary) => state === undefined || console.state === state;
    if (values.watch) {
      await watchPs(context, (all) => selected(all, context).filter(inState));
      return EXIT.ok;
    }
    const chosen = (await several(context, 'all')).filter(inState);
    noteHolder(chosen, io);
    if (chosen.length === 0 && !values.json && !values.quiet) {
      io.err(`${state === undefined ? await noneText(context) : `no consoles are ${state}`}\n`);
    } else {
      io.out(psText(chosen, context));
    }
    return EXIT.ok;
  },
};
