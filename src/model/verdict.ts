/** One sentence on what the state of a console means. Foreign text in it is not escaped: callers that display it must do that. Pure. */
import type { ConsoleDetail, EventInfo } from './api.ts';
import { conditionOf } from './condition.ts';
import { counted } from './counted.ts';
import { deathText } from './death-text.ts';
import { isUp } from './process.ts';
import { local } from './time-text.ts';

export interface Verdict {
  readonly text: string;
  /** The way out: the verb, and what it does. Absent: nothing needs to be done, or no verb helps. */
  readonly remedy?: { readonly verb: 'start' | 'release'; readonly does: string };
}

const STARTS = { verb: 'start', does: 'starts it' } as const;
const RETRIES = { verb: 'start', does: 'tries again' } as const;

export function verdictOf(detail: ConsoleDetail): Verdict {
  const last = detail.deaths[0];
  const end = last === undefined ? '' : ` Last end: ${deathText(last)}.`;
  switch (detail.state) {
    case 'ready':
    case 'running':
      return {
        text:
          detail.restarts.hour > 0
            ? `It is up now, after ${counted(detail.restarts.hour, 'automatic restart')} in the last hour.${end}`
            : 'It is up, with no automatic restart in the last hour.',
      };
    case 'starting':
      return { text: conditionOf(detail) === 'dark' ? darkText(detail) : `${startText(detail)}${end}` };
    case 'stopping':
      return { text: 'It was told to stop and has not ended yet.' };
    case 'waiting':
      if (conditionOf(detail) === 'dark') {
        return { text: darkText(detail) };
      }
      return {
        text:
          last === undefined
            ? 'It could not be started, and is tried again when its holdoff is over.'
            : `It ended, and will be started again when its holdoff is over.${end}`,
      };
    case 'held':
      return { text: 'It is down on purpose.', remedy: { verb: 'release', does: 'ends the hold' } };
    case 'crash-looping':
      return { text: `It ended too often and waits for a person.${end}`, remedy: RETRIES };
    case 'failed':
      return { text: `It ended with an error, and its restart policy is not to try again.${end}`, remedy: RETRIES };
    case 'stopped':
      return { text: `It is stopped.${end}`, remedy: STARTS };
  }
}

/** Why its last start failed, if it has not come up since. `events`: oldest first. */
export function failedStart(detail: ConsoleDetail, events: readonly EventInfo[]): string | undefined {
  if (conditionOf(detail) === 'dark') {
    return undefined;
  }
  const last = events.findLast(({ type }) => type === 'started' || type === 'notStarted');
  const failed = last && (last.type === 'notStarted' || last.failure !== undefined);
  return failed && !isUp(detail.state) ? last.text : undefined;
}

function darkText({ startTrouble: { text, since } = { text: '', since: '' } }: ConsoleDetail): string {
  return `It cannot be connected: ${text}, since ${local(since)}. It is tried again and again.`;
}

function startText({ waitsFor }: ConsoleDetail): string {
  if (!waitsFor) {
    return 'It was started and is not ready yet.';
  }
  return waitsFor.kind === 'turn'
    ? `Its start waits for ${waitsFor.what}.`
    : `Its start waits for an answer, from ${waitsFor.what}; no other console does.`;
}
