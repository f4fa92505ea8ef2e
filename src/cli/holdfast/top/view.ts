/** State to the lines of the screen. Pure. */

import { cell, clean, fit, width } from '../text/display.ts';
import { summaryLine } from '../text/overview.ts';
import { paint, type Style } from '../text/styles.ts';
import { ACTIONS } from './actions.ts';
import { helpLines } from './help-view.ts';
import { listLines } from './list-view.ts';
import { goneText, type Looks, timeOfDay } from './looks.ts';
import { paneLines } from './pane-view.ts';
import { filterShown, LEAST_COLUMNS, LEAST_ROWS, SPLIT_ROWS, type Top } from './state.ts';
import { anyUp, named } from './verbs.ts';

/** Lines of what is said and asked, at most. */
const MOST_FOOT = 4;
const GAP = '  ';
/** Keys, for the last line. */
const MOST_WANTED = ['Enter', '/', 'w', 's', 'x', 'r', 'h', 'a', 'l', 'e', 'u'];

/** As many lines as the terminal has, none wider than it is. */
export function screenOf(state: Top, looks: Looks): readonly string[] {
  const { columns, rows } = state;
  const lines = columns < LEAST_COLUMNS || rows < LEAST_ROWS ? tooSmall(state) : wholeScreen(state, looks);
  const exact = Array.from({ length: rows }, (_, at) => lines[at] ?? '');
  return looks.unicode ? exact : exact.map(ascii);
}

function tooSmall({ columns, rows }: Top): readonly string[] {
  return wrapped(`too small: ${columns}x${rows}; ${LEAST_COLUMNS}x${LEAST_ROWS} is the least. q leaves.`, columns);
}

function wholeScreen(state: Top, looks: Looks): readonly string[] {
  const { rows, pane, focus } = state;
  const foot = footLines(state, looks);
  const filled = (lines: readonly string[], to: number): readonly string[] =>
    Array.from({ length: to }, (_, at) => lines[at] ?? '');
  if (state.help) {
    return [...filled(helpLines(state, looks), rows - 1), paint(looks.color, 'bold', 'Esc goes back')];
  }
  if (pane && focus === 'pane' && rows < SPLIT_ROWS) {
    return [...filled(paneLines(state, pane, looks), rows - foot.length), ...foot];
  }
  const list = [...headLines(state, looks), ...listLines(state, looks)];
  const all = pane && rows >= SPLIT_ROWS ? [...list, ...paneLines(state, pane, looks)] : list;
  return [...filled(all, rows - foot.length), ...foot];
}

function headLines(state: Top, { color, host }: Looks): readonly string[] {
  const { columns, consoles, notes, lostSince, filter, shown, marked, now } = state;
  const right = [...(host === undefined ? [] : [clean(host)]), timeOfDay(now, true)].join('  ');
  const marks = marked.size > 0 ? `, ${marked.size} marked` : '';
  const left = fit(`${summaryLine(consoles, { color: false })}${marks}`, Math.max(0, columns - width(right) - 2));
  return [
    `${paint(color, 'bold', cell(left, Math.max(0, columns - width(right))))}${fit(right, columns)}`,
    ...notes.map((note) => paint(color, 'yellow', fit(note, columns))),
    ...(lostSince === undefined ? [] : [paint(color, 'yellow', fit(goneText(lostSince), columns))]),
    ...(filterShown(state)
      ? [
          paint(
            color,
            'cyan',
            fit(`filter: ${clean(filter)} (${shown.length} of ${consoles.length}); Esc removes it`, columns),
          ),
        ]
      : []),
  ];
}

/** A question, an input or a message; otherwise the keys. */
function footLines(state: Top, looks: Looks): readonly string[] {
  const { columns, input, question, message } = state;
  const { color } = looks;
  if (input) {
    const before =
      input.kind === 'reason'
        ? `${input.verb} ${named(input.targets)}: reason${input.needed ? '' : ' (may be empty)'}: `
        : input.kind === 'filter'
          ? 'filter: '
          : `search${input.before === '' ? '' : ` [${clean(input.before)}]`}: `;
    // The end of what is typed is what is looked at.
    const lines = wrapped(`${before}${clean(input.text)}_`, columns);
    return lines.slice(-MOST_FOOT).map((line) => paint(color, 'bold', line));
  }
  if (question) {
    const up = anyUp(state, question.targets) ? '' : ' (not up)';
    const text = `${question.verb} ${named(question.targets)}${up}? y: yes, any other key: no`;
    return wrapped(text, columns)
      .slice(0, MOST_FOOT)
      .map((line) => paint(color, ['yellow', 'bold'], line));
  }
  if (message) {
    const style: Style = message.bad ? 'red' : 'none';
    return wrapped(clean(message.text), columns)
      .slice(0, MOST_FOOT)
      .map((line) => paint(color, style, line));
  }
  return [paint(color, 'gray', keysLine(columns))];
}

/** The keys that have a brief word, the most wanted ones, as many as there is room for; help and the way out always. */
function keysLine(columns: number): string {
  const brief = new Map(
    ACTIONS.flatMap(({ shown, brief: word }) => (word === undefined ? [] : [[shown, word] as const])),
  );
  const words = (keys: readonly string[]): readonly string[] => keys.map((key) => `${key} ${brief.get(key)}`);
  const last = words(['?', 'q']).join(GAP);
  let line = '';
  for (const word of words(MOST_WANTED)) {
    if (line.length + word.length + GAP.length + last.length <= columns) {
      line += `${word}${GAP}`;
    }
  }
  return fit(`${line}${last}`, columns);
}

/** At words, where there are some. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (width(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') {
      lines.push(line);
    }
    line = '';
    for (const character of word) {
      if (width(line) + width(character) > columns) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return [...lines, line];
}

function ascii(line: string): string {
  return line.replaceAll('…', '~').replace(/[\u0080-\u{10ffff}]/gu, (character) => '?'.repeat(width(character)));
}
