/** How far a verb has come on a console, read from the rows of the table. Pure. */
import type { ConsoleSummary, DeathInfo } from './api.ts';
import { isUp, NO_PID } from './process.ts';

export const WAITED = ['start', 'stop', 'restart', 'hold', 'release'] as const;

export type WaitedVerb = (typeof WAITED)[number];

/** `ended`: what was to come up is down; why is to be asked. `late`: it is up, and was not ready in time. */
export type Progress = 'pending' | 'done' | 'late' | 'ended' | { readonly problem: string };

/** The conditions still unmet at the timeout. */
export const MISSING: Readonly<Record<WaitedVerb, string>> = {
  start: 'not up',
  stop: 'not down',
  restart: 'not up again',
  hold: 'not down',
  release: 'not up',
};

/** A row older than the answer of the server counts after this time: its clock may have been set back. */
export const STALE_MS = 3000;

/** Whether a row of the feed is at least as new as the answer to a verb, which comes by another connection. */
export function isAfter(accepted: ConsoleSummary, row: ConsoleSummary): boolean {
  // A process that is stopping already is held, or released, when it has stopped.
  const isSame = row.since === accepted.since && row.state === accepted.state;
  return row.since > accepted.since || (isSame && row.hold?.since === accepted.hold?.since);
}

/** `accepted`: the console as it was when the verb was accepted; `now`: as it is now, or then. */
export function progressOf(verb: WaitedVerb, accepted: ConsoleSummary, now: ConsoleSummary): Progress {
  if (verb === 'stop') {
    return downOf(now);
  }
  if (verb === 'hold') {
    return heldOf(now);
  }
  if (verb === 'release' && (now.state === 'stopped' || !isUnderWay(accepted))) {
    // It was not up before the hold, or there was none.
    return 'done';
  }
  return upOf(accepted, now);
}

function isUnderWay({ state }: ConsoleSummary): boolean {
  return state === 'starting' || state === 'stopping';
}

function downOf({ state }: ConsoleSummary): Progress {
  if (state === 'stopping') {
    return 'pending';
  }
  return isUp(state) || state === 'waiting' ? { problem: 'it was started again meanwhile' } : 'done';
}

function heldOf({ hold, state }: ConsoleSummary): Progress {
  if (state === 'held') {
    return 'done';
  }
  return hold === undefined ? { problem: 'it was released meanwhile' } : 'pending';
}

function upOf(accepted: ConsoleSummary, now: ConsoleSummary): Progress {
  if (isUnderWay(now)) {
    return 'pending';
  }
  if (now.state === 'held') {
    return { problem: now.hold ? `${now.hold.by} holds it: ${now.hold.reason}` : 'it is held' };
  }
  // Between two polls it may have ended and been started again.
  if (!isUp(now.state) || now.restarts.total > accepted.restarts.total) {
    return 'ended';
  }
  return now.state === 'running' && now.readiness && isUnderWay(accepted) ? 'late' : 'done';
}

/** The end of what was started since then; undefined: that has not ended. */
export function endSince(accepted: ConsoleSummary, deaths: readonly DeathInfo[]): DeathInfo | undefined {
  const [last] = deaths;
  if (last === undefined || last.time < accepted.since) {
    return undefined;
  }
  // Of a restart the first end is the one that was asked for.
  const isOfBefore = last.pid === NO_PID ? last.asked !== undefined : last.pid === accepted.pid;
  return isOfBefore ? undefined : last;
}
