/** Colours, on a terminal only: the one place that knows which condition is which colour. */
import { styleText } from 'node:util';
import type { Condition } from '../../../model/condition.ts';

export type Style = Parameters<typeof styleText>[0];

const STATE_STYLE: Readonly<Record<Condition, Style>> = {
  failed: ['red', 'bold'],
  'crash-looping': ['red', 'bold'],
  waiting: 'yellow',
  dark: 'yellow',
  flapping: 'yellow',
  held: 'magenta',
  stopping: 'cyan',
  starting: 'cyan',
  stopped: 'gray',
  running: 'green',
  ready: 'green',
};

export function stateStyle(state: Condition): Style {
  return STATE_STYLE[state] ?? 'none';
}

export function paint(color: boolean, style: Style, text: string): string {
  return color && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}
