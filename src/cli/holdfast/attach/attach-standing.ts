/** The lines shown on attaching to a console. Pure. */

import type { ConsoleDetail, SessionInfo } from '../../../model/api.ts';
import { isLink } from '../../../model/condition.ts';
import { someOf } from '../../../model/counted.ts';
import { silenceText } from '../../../model/holder-silence.ts';
import { doerText, userText } from '../../../model/principal.ts';
import { isUp, type ProcessState } from '../../../model/process.ts';
import { deathText } from '../text/death-text.ts';
import { duration, local } from '../text/times.ts';

/** Others that are named. */
const SHOWN = 3;

/** The keys that help here, such as `^] s`; undefined: there are none. */
export interface HelpfulKeys {
  readonly start: string | undefined;
  readonly hold: string | undefined;
}

/** None where it is up, answers, and nobody else is here. `now`: milliseconds since 1970. */
export function standingLines(detail: ConsoleDetail, keys: HelpfulKeys, now: number): readonly string[] {
  const { holderSilent, logTrouble, sessionList, writer } = detail;
  const others = sessionList.filter(({ id }) => id !== writer?.id);
  return [
    ...(holderSilent
      ? [`${silenceText(holderSilent, local(holderSilent.since))}: it is as the server last knew it`]
      : []),
    ...stateLines(detail, keys, now),
    ...(logTrouble ? [`its log is not written since ${local(logTrouble.since)}: ${logTrouble.text}`] : []),
    ...(others.length === 0 ? [] : [othersText(others)]),
  ];
}

function stateLines(detail: ConsoleDetail, keys: HelpfulKeys, now: number): readonly string[] {
  const age = duration(now - Date.parse(detail.since));
  const [last] = detail.deaths;
  const end = last === undefined ? '' : ` (last: ${deathText(last)})`;
  const start = keys.start === undefined ? '' : `; ${keys.start} starts it`;
  switch (detail.state) {
    case 'ready':
    case 'running':
      return [];
    case 'held':
      return [heldText(detail, keys)];
    case 'stopped':
      return [`it is stopped, for ${age}${start}`];
    case 'crash-looping':
      return [`it is crash-looping: it ended too often${end}, and stays down${start}`];
    case 'failed':
      return [`it failed ${age} ago${end}, and stays down${start}`];
    case 'waiting':
      return [
        isLink(detail)
          ? `it is not connected, for ${age}: that is tried again`
          : `it is down${end}, and is started again`,
      ];
    case 'stopping':
      return [`it was told to stop ${age} ago, and is still up`];
    case 'starting':
      return [`it is not ${isLink(detail) ? 'connected' : 'ready'} yet, for ${age}${waitsText(detail)}`];
  }
}

function heldText({ hold }: ConsoleDetail, keys: HelpfulKeys): string {
  const release = keys.hold === undefined ? '' : `; ${keys.hold} ends the hold`;
  if (hold === undefined) {
    return `it is held${release}`;
  }
  const until = hold.until === undefined ? 'until it is released' : `until ${local(hold.until)}`;
  return `it is held by ${hold.by} since ${local(hold.since)}, ${until}: "${hold.reason}"${release}`;
}

/** To somebody who is there while its state becomes another: what was done on purpose, by whom and why. Undefined: nothing was. */
export function newsText(
  [before, now]: readonly [ProcessState, ProcessState],
  detail: ConsoleDetail,
  keys: HelpfulKeys,
): string | undefined {
  const doer = detail.deaths[0]?.askedBy;
  if (now === 'held') {
    return detail.hold && heldText(detail, keys);
  }
  if (before === 'held' && now === 'stopped') {
    return 'its hold is over';
  }
  if (doer && before === 'stopping' && now === 'stopped') {
    return `it was stopped by ${doerText(doer)}${keys.start === undefined ? '' : `; ${keys.start} starts it`}`;
  }
  // A process that was down already had ended for another reason.
  return doer && now === 'starting' && (before === 'stopping' || before === 'waiting')
    ? `it is restarted by ${doerText(doer)}`
    : undefined;
}

function waitsText({ waitsFor }: ConsoleDetail): string {
  return waitsFor === undefined ? '' : `: it waits for ${waitsFor.what}`;
}

function othersText(others: readonly SessionInfo[]): string {
  const names = others.map((each) => `${userText(each)} (${each.from}, ${each.via})`);
  return `also here: ${someOf(names, SHOWN)}`;
}

/** To somebody who types while nothing reads it. Undefined: something may. */
export function unreadText(state: ProcessState | undefined, keys: HelpfulKeys): string | undefined {
  if (state === undefined || isUp(state)) {
    return undefined;
  }
  const key = state === 'held' ? keys.hold : keys.start;
  const remedy = key === undefined ? '' : `; ${key} ${state === 'held' ? 'ends the hold' : 'starts it'}`;
  const is = state === 'waiting' ? 'down, and is started again' : state;
  return `nothing reads this: it is ${is}${state === 'waiting' ? '' : remedy}`;
}
