import { USES_APART_MS } from '../../../client/uses.ts';
import { WatchFeed } from '../../../client/watch-feed.ts';
import type { ConsoleSummary } from '../../../model/api.ts';
import { CONDITIONS, conditionOf } from '../../../model/condition.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { Timer } from '../../../platform/time/clock.ts';
import { pause } from '../../../platform/time/pause.ts';
import { text } from '../command/arguments.ts';
import { type Command, type Context, JSON_OPTION } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { noteHolder } from '../parts/holder-note.ts';
import { PsView } from '../parts/ps-view.ts';
import { selected, several } from '../parts/select.ts';
import { CONSOLE_COLUMNS } from '../text/console-columns.ts';
import { liveLinesOn } from '../text/live-lines.ts';
import { paint } from '../text/styles.ts';

const GONE = '-- the server is gone; waiting for it: this is what it last said --';
const SECOND_MS = 1000;
/** With --watch: between two looks at what processes use, and at what was left out of the configuration. */
const USES_MS = 2000;
const CONFIG_MS = 10_000;

/** Shows it until Ctrl-C, also while servers come and go. */
async function watchPs(
  context: Context,
  view: PsView,
  choose: (all: readonly ConsoleSummary[]) => readonly ConsoleSummary[],
) {
  const { client, clock, io, values } = context;
  const feed = new WatchFeed(client, clock);
  const screen = values.json ? undefined : liveLinesOn(io, fewer);
  const last = { text: '', notes: '' };
  const show = (): void => {
    const chosen = chosenNow();
    const text = chosen.length === 0 && view.hasNotes && !io.terminal ? 'no consoles\n' : view.text(chosen);
    let notes = feed.lost ? `${paint(io.color, 'yellow', GONE)}\n` : '';
    noteHolder(chosen, {
      err: (note) => {
        notes += note;
      },
    });
    notes += view.notes();
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
      // A console may have been removed since, and added again.
      if (isFirst || !(error instanceof HoldfastError)) {
        throw error;
      }
      return [];
    } finally {
      isFirst = false;
    }
  };
  const timers = new Set<Timer>();
  const ofEach = (milliseconds: number, action: () => void): void => {
    const timer = clock.after(milliseconds, () => {
      timers.delete(timer);
      action();
      ofEach(milliseconds, action);
    });
    timers.add(timer);
  };
  let isAsking = false;
  /** Without it the list goes on with what is known; a server that is gone is told by the feed. */
  const ask = (question: () => Promise<void>) => async (): Promise<void> => {
    if (!isAsking && !feed.lost) {
      isAsking = true;
      await question().catch(() => undefined);
      isAsking = false;
      if (!io.interrupted().aborted) {
        show();
      }
    }
  };
  const askUses = ask(() => view.uses.look());
  const askConfig = ask(() => view.lookAtConfig());
  try {
    for await (const _ of feed.follow(io.interrupted())) {
      show();
      if (timers.size === 0) {
        if (screen) {
          // How long ago everything was.
          ofEach(SECOND_MS, show);
        }
        if (view.needsUses) {
          void askUses();
          ofEach(USES_MS, () => void askUses());
        }
        if (view.hasNotes) {
          void askConfig();
        }
        ofEach(CONFIG_MS, () => void (view.hasNotes && askConfig()));
      }
    }
  } finally {
    for (const timer of timers) {
      timer.cancel();
    }
  }
}

function fewer(rest: number): string {
  return `... and ${rest} more: a pattern or --state shows fewer`;
}

/** Why there is nothing to show. */
async function noneText({ client }: Context): Promise<string> {
  const { consoles } = await client.version();
  return consoles === 0
    ? 'no consoles'
    : `you may see none of the ${consoles} consoles of this server: 'holdfast access' says what you may, and whom to ask`;
}

const COLUMN_HELP = Object.entries(CONSOLE_COLUMNS)
  .map(([name, { help }]) => `  ${name.padEnd(10)}${help}`)
  .join('\n');

export const ps: Command = {
  name: 'ps',
  usage: '[NAME or PATTERN ...]',
  summary: 'list the consoles: state, since when, restarts, writer, last line',
  help: `Consoles in trouble come first. RESTARTS counts the automatic restarts of the last hour (as 3/h), then all of them, but
not those on request: restart, a kill key, a signal. Instead of its last line, a console that is held shows by whom and why,
one whose start waits shows for what, one that does not come up and one whose log is not written show why.

A console that was restarted by its policy within the last ten minutes is flapping, and a link that cannot be connected is
dark; both are among those in trouble, also for --state. On a terminal the first line says how many are how, and lines below
the table what was left out of the configuration, which links are dark, and which logs are not written. Output that is not
a terminal is the table alone.

With --watch the list stays and follows what happens, until Ctrl-C, also across restarts of the server. Where output is not
a terminal it is printed again whenever something has changed, with --json as one line.

The columns for --columns and --sort; '+pid,cpu' adds to the usual ones. --sort puts what is largest, longest or newest first.
For cpu it takes a second to look; with --watch that is what was used between two looks. With --json and one of cpu, cputime,
memory and procs, each console has these as 'uses'.

${COLUMN_HELP}`,
  options: [
    { name: 'group', short: 'g', value: 'GROUP', help: 'only the consoles of this group' },
    { name: 'state', short: 's', value: 'STATE', help: 'only consoles in this state' },
    { name: 'columns', short: 'o', value: 'COLUMNS', help: 'show these columns, with commas between' },
    { name: 'sort', value: 'COLUMN', help: 'sort by this column [trouble first]' },
    { name: 'reverse', short: 'r', help: 'the other way round' },
    { name: 'watch', short: 'w', help: 'go on showing them' },
    { name: 'quiet', short: 'q', help: 'print names only' },
    JSON_OPTION,
  ],
  completes: 'console',
  operands: [0, Number.POSITIVE_INFINITY],
  async run(context) {
    const { clock, io, values } = context;
    const state = text(values, 'state');
    if (state !== undefined && !(CONDITIONS as readonly string[]).includes(state)) {
      throw new UsageError(`ps: '${state}' is not a state; there are ${CONDITIONS.join(', ')}`);
    }
    const view = new PsView(context);
    const inState = (console: ConsoleSummary) =>
      state === undefined || console.state === state || conditionOf(console) === state;
    if (values.watch) {
      await watchPs(context, view, (all) => selected(all, context).filter(inState));
      return EXIT.ok;
    }
    const chosen = (await several(context, 'all')).filter(inState);
    noteHolder(chosen, io);
    if (chosen.length === 0 && view.hasNotes) {
      io.err(`${state === undefined ? await noneText(context) : `no consoles are ${state}`}\n`);
      return EXIT.ok;
    }
    if (view.needsUses) {
      await view.uses.look();
    }
    if (view.needsCpu) {
      await pause(clock, USES_APART_MS, io.interrupted());
      await view.uses.look();
    }
    if (view.hasNotes) {
      // The list is worth showing without it.
      await view.lookAtConfig().catch(() => undefined);
    }
    io.out(view.text(chosen));
    io.err(view.notes());
    return EXIT.ok;
  },
};
