/** The lines of a pane. Pure. */
import { conditionOf } from '../../../model/condition.ts';
import { clean, fit, width } from '../text/display.ts';
import { paint, stateStyle } from '../text/styles.ts';
import { duration } from '../text/times.ts';
import { goneText, type Looks } from './looks.ts';
import { finder, linesIn, topLine } from './pane.ts';
import { type Pane, paneRows, type Top } from './state.ts';

const WHAT = { console: 'live, to read', log: 'log', why: 'why', events: 'events' } as const;

/** Its title, then what is in sight of it. */
export function paneLines(state: Top, pane: Pane, looks: Looks): readonly string[] {
  const rows = paneRows(state);
  const all = linesIn(pane);
  const first = topLine(state, pane);
  const isHit = pane.search === '' ? () => false : finder(pane.search);
  const visible = all.slice(first, first + rows).map((line, at) => {
    const lead = first + at === pane.hit ? '>' : ' ';
    const shown = fit(`${lead}${from(line, pane.left)}`, state.columns);
    return isHit(line) ? paint(looks.color, 'yellow', shown) : shown;
  });
  return [titleOf(state, pane, looks, all.length, first + visible.length), ...visible];
}

/** Without the columns to the left. */
function from(line: string, left: number): string {
  return left === 0 ? line : [...line].slice(left).join('');
}

function titleOf(state: Top, pane: Pane, { color, unicode }: Looks, lines: number, last: number): string {
  const console = state.consoles.find(({ name }) => name === pane.console);
  const since = console ? ` for ${duration(state.now - Date.parse(console.since))}` : '';
  const word = console ? conditionOf(console) : 'gone';
  const place =
    pane.top === undefined
      ? WHAT[pane.kind]
      : `${WHAT[pane.kind]}, ${pane.cut ? 'newer lines: End' : `${Math.max(0, lines - last)} lines to the end`}`;
  const aged = pane.older === 'asked' ? ', reading the log' : '';
  const gone = state.lostSince === undefined || state.focus === 'list' ? '' : ` ${goneText(state.lostSince)}`;
  const text = ` ${clean(pane.console)}: ${word}${since} (${place}${aged})${gone} `;
  const rule = (unicode ? '─' : '-').repeat(Math.max(0, state.columns - width(text) - 2));
  const style = console
    ? ([...[stateStyle(conditionOf(console))].flat(), ...(state.focus === 'pane' ? ['bold'] : [])] as never)
    : 'bold';
  return paint(color, style, fit(`${unicode ? '──' : '--'}${text}${rule}`, state.columns));
}
