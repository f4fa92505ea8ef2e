/** One line for one event of the history. */
import type { HostEvent } from '../../../model/api.ts';
import type { Io } from '../command/command.ts';
import { clean } from './display.ts';
import { paint, type Style, stateStyle } from './styles.ts';
import { local } from './times.ts';

/** `time  console: text (actor)`; with `named` false the console is left out. */
export function eventLine(event: HostEvent, view: Pick<Io, 'color'>, named = true): string {
  const subject = named ? `${clean(event.console ?? event.type)}: ` : '';
  // The text of an event may name its actor already; twice would read as two people.
  const who = event.actor === undefined || event.text.includes(event.actor) ? '' : ` (${clean(event.actor)})`;
  return `${paint(view.color, 'gray', local(event.time))}  ${subject}${paint(view.color, styleOf(event), clean(event.text))}${who}`;
}

function styleOf(event: HostEvent): Style {
  if (event.to !== undefined) {
    return stateStyle(event.to);
  }
  return event.type === 'ended' && event.death?.asked === undefined ? 'red' : 'none';
}
