/** Events in words for people: single ones, and several folded into one. Pure. */
import type { DeathInfo } from './api.ts';
import { counted } from './counted.ts';
import { deathText, lifeText } from './death-text.ts';
import type { Fold } from './event-folds.ts';
import { doerOf } from './event-text.ts';
import { doerText, principalText } from './principal.ts';
import type { ProcessEvent } from './process.ts';
import type { Leaving } from './stays.ts';
import { duration, local } from './time-text.ts';

/** A change of state in words, by its cause. Scripts look for the verb in parentheses. */
const STATE_WORDS: Readonly<Record<ProcessEvent, string>> = {
  start: 'told to come up (start)',
  stop: 'told to go down (stop)',
  restart: 'told to stop and start again (restart)',
  hold: 'told to stay down (hold)',
  release: 'the hold is over (release)',
  enable: 'automatic restart switched on',
  disable: 'automatic restart switched off',
  spawned: 'begun, not ready yet',
  up: 'is up',
  ready: 'is ready',
  overdue: 'is up, but has not become ready in time',
  due: 'is started again',
  'ended-again': 'is to be started again',
  'ended-brake': 'ended too often: stays down until somebody starts it',
  'ended-rest': 'is down',
  'ended-failed': 'stays down, since it ended with an error',
  'ended-held': 'is down and held',
};

/** Without the person: see `doerWords`. */
export function eventWords(event: Leaving | Fold): string {
  return event.type === 'fold' ? foldText(event) : wordsOf(event);
}

/** The text of the server, unless better words can be made of its data. Its times are ISO 8601, for programs. */
function wordsOf(event: Leaving): string {
  const { by, cause, death, text, to, type, until } = event;
  const who = by ? principalText(by) : 'nobody';
  switch (type) {
    case 'state':
      return (cause !== undefined && STATE_WORDS[cause as ProcessEvent]) || (to === undefined ? text : `is ${to}`);
    case 'attached':
      return `came: ${who}`;
    case 'detached':
      return event.stayedMs === undefined ? `left: ${who}` : `left after ${duration(event.stayedMs)}: ${who}`;
    case 'writer':
      return `keyboard: ${who}`;
    case 'ended':
      return death === undefined ? text : `${deathText(unasked(death))}; ${lifeText(death)}`;
    default:
      return until === undefined ? text : text.replace(until, local(until));
  }
}

/** The person who asked for it is at the end of the line. */
function unasked({ asked: _, ...death }: DeathInfo): DeathInfo {
  return death;
}

/** `ended 54 times in 10m, last: exit code 3`. */
function foldText({ ends, failures, isPart, last, since, time }: Fold): string {
  const times = (count: number) => `${isPart ? 'at least ' : ''}${counted(count, 'time')}`;
  const what = [
    ...(ends === 0 ? [] : [`ended ${times(ends)}`]),
    ...(failures === 0 ? [] : [`could not be started ${times(failures)}`]),
  ].join(' and ');
  const how = last.death ? deathText(last.death) : (last.reason ?? last.text);
  return `${what} in ${duration(Date.parse(time) - Date.parse(since))}, last: ${how}`;
}

/** Who did it, and why. `actor`: from a server of 0.1 that has not been restarted since the upgrade; its text may name that person. */
export function doerWords(event: (Leaving & { readonly actor?: string }) | Fold): string | undefined {
  if (event.type === 'fold') {
    return undefined;
  }
  const { actor, text } = event;
  const doer = doerOf(event);
  if (doer) {
    return doerText(doer);
  }
  return actor === undefined || text.includes(actor) ? undefined : actor;
}
