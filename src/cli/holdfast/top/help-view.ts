/** The help: all keys, in as many columns as there is room for. Pure. */
import { cell, fit } from '../text/display.ts';
import { paint } from '../text/styles.ts';
import { ACTIONS, type Action } from './actions.ts';
import type { Looks } from './looks.ts';
import type { Top } from './state.ts';

const KEYS = 10;
const GROUPS: readonly (readonly [Action['where'], string])[] = [
  ['everywhere', 'Everywhere'],
  ['list', 'In the list'],
  ['pane', 'In a pane'],
];

export function helpLines({ columns, rows }: Top, { color }: Looks): readonly string[] {
  const lines = GROUPS.flatMap(([group, title]) => [
    { text: title, bold: true },
    ...ACTIONS.filter(({ where }) => where === group).map(({ shown, help }) => ({
      text: ` ${cell(shown, KEYS)}${help}`,
      bold: false,
    })),
  ]);
  const across = Math.max(1, Math.ceil(lines.length / (rows - 1)));
  const room = Math.floor(columns / across);
  const down = Math.ceil(lines.length / across);
  return Array.from({ length: down }, (_, row) =>
    Array.from({ length: across }, (__, column) => {
      const line = lines[column * down + row];
      const shown = cell(fit(line?.text ?? '', room - 1), room);
      return line?.bold ? paint(color, 'bold', shown) : shown;
    })
      .join('')
      .trimEnd(),
  );
}
