/** Colours, on a terminal only: the one place that knows which state is which colour. */
import { styleText } from 'node:util';
import type { ProcessState } from '../../../model/process.ts';

export type Style = Parameters<typeof styleText>[0];

const STATE_STYLE: Readonly<Record<ProcessState, Style>> = {
  failed: ['red', 'bold'],
  'crash-looping': ['red', 'bold'],
  waiting: 'yellow',
  held: 'magenta',
  stopping: 'cyan',
  starting: 'cyan',
  stopped: 'gray',
  running: 'green',
  ready: 'green',
};

/** Trouble first: what needs a person, then what is in progress, then what is up, then what is down on purpose. */
const URGENCY: readonly ProcessState[] = [
  ...(['failed', 'crash-looping', 'waiting', 'stopping', 'starting'] as const),
  ...(['held', 'running', 'ready', 'stopped'] as const),
];

export function stateStyle(state: ProcessState): Style {
  return STATE_STYLE[state] ?? 'none';
}

/** Smaller is more urgent; states that mean "up" rank the same. */
export function urgency(state: ProcessState): number {
  const rank = URGENCY.indexOf(state === 'ready' ? 'running' : state);
  return Math.max(0, rank);
}

export function paint(color: boolean, style: Style, text: string): string {
  return color && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}
