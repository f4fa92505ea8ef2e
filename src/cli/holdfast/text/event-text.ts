/** One line for one event of the history. */
import type { EventInfo } from '../../../model/api.ts';
import type { Fold } from '../../../model/event-folds.ts';
import { doerWords, eventWords } from '../../../model/event-words.ts';
import type { Leaving } from '../../../model/stays.ts';
import type { Io } from '../command/command.ts';
import { clean } from './display.ts';
import { paint, type Style, stateStyle } from './styles.ts';
import { local } from './times.ts';

/** `time  console: text (vera via conserver from ws12: HV card)`; with `named` false the console is left out. */
export function eventLine(event: Leaving | Fold, view: Pick<Io, 'color'>, named = true): string {
  const subject = named ? `${clean(event.console ?? event.type)}: ` : '';
  const who = doerWords(event);
  const style = event.type === 'fold' ? 'red' : styleOf(event);
  return `${paint(view.color, 'gray', local(event.time))}  ${subject}${paint(view.color, style, clean(eventWords(event)))}${who === undefined ? '' : ` (${clean(who)})`}`;
}

function styleOf(event: EventInfo): Style {
  if (event.to !== undefined) {
    return stateStyle(event.to);
  }
  if (event.type === 'attached') {
    return 'cyan';
  }
  if (event.type === 'detached') {
    return 'gray';
  }
  return event.type === 'ended' && event.death?.asked === undefined ? 'red' : 'none';
}
