/** The lines of the list. Pure. */
import type { ConsoleSummary } from '../../../model/api.ts';
import { conditionOf } from '../../../model/condition.ts';
import { CONSOLE_COLUMNS, type ColumnName } from '../text/console-columns.ts';
import { cell, clean, fit, width } from '../text/display.ts';
import { paint, type Style, stateStyle } from '../text/styles.ts';
import type { Cell } from '../text/table.ts';
import type { Looks } from './looks.ts';
import { listRows, type Top } from './state.ts';

interface Placed {
  readonly name: ColumnName;
  readonly width: number;
}

const GAP = '  ';
const LEAST_NAME = 12;
const MOST_NAME = 40;
/** Of the columns, in cells. */
const [STATE, SINCE, RESTARTS, WRITER, CPU, MEMORY] = [13, 6, 8, 10, 5, 8];
/** Cells before them. */
const LEAD = 2;
/** Fewer columns: no writer; fewer still: no restarts. */
const WITH_WRITER = 76;
const WITH_RESTARTS = 60;
/** Width of the processor and memory columns, and the minimum for the rest. */
const USAGE = 17;
const WITHOUT_USAGE = 40;
const NO_USES = new Map();

/** Titles, then the consoles that are in sight. */
export function listLines(state: Top, looks: Looks): readonly string[] {
  const { shown, first, consoles } = state;
  const columns = columnsOf(state);
  const titles = columns.map(({ name, width: room }) => cell(CONSOLE_COLUMNS[name].title, room)).join(GAP);
  const rows = listRows(state);
  const visible = shown.slice(first, first + rows);
  const none = consoles.length === 0 ? 'no consoles' : 'no console matches the filter';
  const lines = visible.map((console, at) => lineOf(console, columns, first + at === state.at, state, looks));
  return [
    paint(looks.color, 'bold', fit(`  ${titles}`, state.columns).trimEnd()),
    ...Array.from({ length: rows }, (_, at) => lines[at] ?? (at === 0 ? `  ${none}` : '')),
  ];
}

function lineOf(
  console: ConsoleSummary,
  columns: readonly Placed[],
  selected: boolean,
  state: Top,
  looks: Looks,
): string {
  const lead = `${selected ? '>' : ' '}${state.marked.has(console.name) ? '*' : ' '}`;
  const beside = { host: looks.host ?? '', uses: state.usage ?? NO_USES };
  const cells = columns.map(({ name, width: room }) => {
    const { text, style }: Cell = CONSOLE_COLUMNS[name].show(console, beside, { now: () => state.now });
    const shown = cell(text, room);
    return selected || style === undefined ? shown : paint(looks.color, style, shown);
  });
  const line = `${lead}${cells.join(GAP)}`;
  // A state keeps its colour where the line is reversed, too.
  const style: Style = ['inverse', ...[stateStyle(conditionOf(console))].flat()] as Style;
  return selected ? paint(looks.color, state.focus === 'list' ? style : 'bold', line) : line.trimEnd();
}

function columnsOf({ columns, usage, shown }: Top): readonly Placed[] {
  const longest = shown.reduce((most, { name }) => Math.max(most, width(clean(name))), LEAST_NAME);
  const name = Math.min(longest, MOST_NAME, Math.max(LEAST_NAME, Math.floor(columns / 3)));
  const room = columns - (usage ? USAGE : 0);
  const placed: Placed[] = [
    { name: 'name', width: name },
    { name: 'state', width: STATE },
    { name: 'since', width: SINCE },
    ...(room >= WITH_RESTARTS ? [{ name: 'restarts', width: RESTARTS } as const] : []),
    ...(room >= WITH_WRITER ? [{ name: 'writer', width: WRITER } as const] : []),
    ...(usage && room >= WITHOUT_USAGE
      ? ([
          { name: 'cpu', width: CPU },
          { name: 'memory', width: MEMORY },
        ] as const)
      : []),
  ];
  const rest = columns - LEAD - placed.reduce((sum, column) => sum + column.width + GAP.length, 0);
  return rest < 1 ? placed : [...placed, { name: 'last', width: rest }];
}
