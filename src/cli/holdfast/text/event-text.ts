/** One line for one event of the history. */
import type { EventInfo } from '../../../model/api.ts';
import { doerOf } from '../../../model/event-text.ts';
import { doerText } from '../../../model/principal.ts';
import type { Io } from '../command/command.ts';
import { clean } from './display.ts';
import { paint, type Style, stateStyle } from './styles.ts';
import { local } from './times.ts';

/** `time  console: text (vera via conserver from ws12: HV card)`; with `named` false the console is left out. */
export function eventLine(event: EventInfo, view: Pick<Io, 'color'>, named = true): string {
  const subject = named ? `${clean(event.console ?? event.type)}: ` : '';
  const who = whoOf(event);
  return `${paint(view.color, 'gray', local(event.time))}  ${subject}${paint(view.color, styleOf(event), clean(event.text))}${who === undefined ? '' : ` (${clean(who)})`}`;
}

/** `actor`: from a server of 0.1 that has not been restarted since the upgrade; its text may name that person. */
function whoOf(event: EventInfo & { readonly actor?: string }): string | undefined {
  const { actor, text } = event;
  const doer = doerOf(event);
  if (doer) {
    return doerText(doer);
  }
  return actor === undefined || text.includes(actor) ? undefined : actor;
}

function styleOf(event: EventInfo): Style {
  if (event.to !== undefined) {
    return stateStyle(event.to);
  }
  return event.type === 'ended' && event.death?.asked === undefined ? 'red' : 'none';
}
