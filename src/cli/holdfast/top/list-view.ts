/** The lines of the list. Pure. */
import type { ConsoleSummary } from '../../../model/api.ts';
import { userText } from '../../../model/principal.ts';
import { cell, clean, fit, width } from '../text/display.ts';
import { paint, type Style, stateStyle } from '../text/styles.ts';
import { duration } from '../text/times.ts';
import type { Looks } from './looks.ts';
import { listRows, type Top } from './state.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly text: (console: ConsoleSummary, state: Top) => { readonly text: string; readonly style?: Style };
}

const GAP = '  ';
const LEAST_NAME = 12;
const MOST_NAME = 40;
const STATE = 13;
const WRITER = 10;
/** Fewer columns: no writer; fewer still: no restarts. */
const WITH_WRITER = 76;
const WITH_RESTARTS = 60;
/** What processor time and memory take, and what the rest must have. */
const USAGE = 17;
const WITHOUT_USAGE = 40;
const MEBIBYTE = 1 << 20;

/** Titles, then the consoles that are in sight. */
export function listLines(state: Top, looks: Looks): readonly string[] {
  const { shown, first, consoles } = state;
  const columns = columnsOf(state, looks);
  const titles = columns.map(({ title, width: room }) => cell(title, room)).join(GAP);
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
  columns: readonly Column[],
  selected: boolean,
  state: Top,
  looks: Looks,
): string {
  const lead = `${selected ? '>' : ' '}${state.marked.has(console.name) ? '*' : ' '}`;
  const cells = columns.map((column) => {
    const { text, style } = column.text(console, state);
    const shown = cell(text, column.width);
    return selected || style === undefined ? shown : paint(looks.color, style, shown);
  });
  const line = `${lead}${cells.join(GAP)}`;
  // A state keeps its colour where the line is reversed, too.
  const style: Style = ['inverse', ...[stateStyle(console.state)].flat()] as Style;
  return selected ? paint(looks.color, state.focus === 'list' ? style : 'bold', line) : line.trimEnd();
}

function columnsOf(state: Top, looks: Looks): readonly Column[] {
  const { columns, usage, shown } = state;
  const longest = shown.reduce((most, { name }) => Math.max(most, width(clean(name))), LEAST_NAME);
  const name = Math.min(longest, MOST_NAME, Math.max(LEAST_NAME, Math.floor(columns / 3)));
  const fixed: Column[] = [
    { title: 'NAME', width: name, text: ({ name: text }) => ({ text: clean(text) }) },
    { title: 'STATE', width: STATE, text: ({ state: word }) => ({ text: word, style: stateStyle(word) }) },
    { title: 'SINCE', width: 6, text: ({ since }, { now }) => ({ text: duration(now - Date.parse(since)) }) },
  ];
  const room = columns - (usage ? USAGE : 0);
  if (room >= WITH_RESTARTS) {
    fixed.push({ title: 'RESTARTS', width: 8, text: restartsOf });
  }
  if (room >= WITH_WRITER) {
    fixed.push({
      title: 'WRITER',
      width: WRITER,
      text: ({ writer }) => ({ text: clean(writer ? userText(writer) : '-') }),
    });
  }
  if (usage && room >= WITHOUT_USAGE) {
    fixed.push({ title: '  CPU', width: 5, text: percentOf }, { title: 'MEMORY', width: 8, text: memoryOf });
  }
  const rest = columns - 2 - fixed.reduce((sum, column) => sum + column.width + GAP.length, 0);
  return rest < 1
    ? fixed
    : [...fixed, { title: 'LAST LINE', width: rest, text: (console, { now }) => looks.remark(console, now) }];
}

function restartsOf({ restarts: { hour, total } }: ConsoleSummary): { text: string; style?: Style } {
  return hour > 0 ? { text: `${hour}/h ${total}`, style: 'yellow' } : { text: String(total) };
}

function percentOf({ name }: ConsoleSummary, { usage }: Top): { text: string } {
  const percent = usage?.get(name)?.percent;
  return { text: (percent === undefined ? '-' : `${percent.toFixed(percent < 10 ? 1 : 0)}%`).padStart(5) };
}

function memoryOf({ name }: ConsoleSummary, { usage }: Top): { text: string } {
  const bytes = usage?.get(name)?.found.memoryBytes;
  return { text: bytes === undefined ? '-' : `${(bytes / MEBIBYTE).toFixed(0)} MiB` };
}
