/** Colours, on a terminal only: the one place that knows which condition is which colour. */
import { styleText } from 'node:util';
import { type Condition, type Tone, toneOf } from '../../../model/condition.ts';

export type Style = Parameters<typeof styleText>[0];

const STYLE_OF_TONE: Readonly<Record<Tone, Style>> = {
  bad: ['red', 'bold'],
  warn: 'yellow',
  held: 'magenta',
  busy: 'cyan',
  off: 'gray',
  good: 'green',
};

export function stateStyle(state: Condition): Style {
  return STYLE_OF_TONE[toneOf(state)];
}

export function paint(color: boolean, style: Style, text: string): string {
  return color && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}
