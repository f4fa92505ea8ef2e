/** One console that is waited for, on a line of the terminal. */
import type { ConsoleSummary } from '../../../model/api.ts';
import type { Io } from '../command/command.ts';
import { clean, fit } from './display.ts';
import { waitText } from './fields.ts';
import { paint, stateStyle } from './styles.ts';
import { duration } from './times.ts';

/** `vac-01: stopping for 4s`. */
export function pendingLine(console: ConsoleSummary, io: Pick<Io, 'color' | 'columns' | 'now'>): string {
  const wait = waitText(console, io);
  const text = `${console.state} for ${duration(io.now() - Date.parse(console.since))}${wait === undefined ? '' : `: waits for ${wait}`}`;
  const name = clean(console.name);
  return `${name}: ${paint(io.color, stateStyle(console.state), fit(text, Math.max(0, io.columns - name.length - 2)))}`;
}
