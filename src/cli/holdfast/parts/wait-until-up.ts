/** `start --wait`: follows the events until every console is up, or until the first reason why one will not be. */

import type { ConsoleSummary, EventInfo } from '../../../model/api.ts';
import type { HostClient } from '../../../model/host-port.ts';
import { isUp, type ProcessState } from '../../../model/process.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import { deathText } from '../text/death-text.ts';
import { duration } from '../text/times.ts';
import type { Outcome } from './verbs.ts';

/** Past events that are examined again. */
const MOST = 1000;
const UP = '';
const PENDING = '...';
/** States that a started console may end in instead of being up. */
const GIVEN_UP: ReadonlySet<ProcessState> = new Set(['stopped', 'waiting', 'held', 'crash-looping', 'failed']);

/** The state of a console that was up and ended by itself before that could be reported. */
const ENDED_AGAIN: ReadonlySet<ProcessState> = new Set(['waiting', 'crash-looping', 'failed']);

/** The newest event: the events caused by a verb have larger numbers. */
export async function latestEvent(client: HostClient): Promise<number> {
  return (await client.events({ limit: 1 })).at(-1)?.seq ?? 0;
}

/**
 * `accepted`: the consoles as they were when the start was accepted; `since`: the newest event before that. `timeout` in
 * milliseconds.
 */
export async function waitUntilUp(
  client: HostClient,
  accepted: readonly ConsoleSummary[],
  since: number,
  timeout: number,
  clock: Clock,
): Promise<readonly Outcome[]> {
  const open = new Set(accepted.filter(({ state }) => !isReady(state)).map(({ name }) => name));
  // A console that was still stopping has its end, and the start after it, yet to come.
  const stopping = new Set(accepted.filter(({ state }) => state === 'stopping').map(({ name }) => name));
  const problems = new Map<string, string>();
  const enough = new AbortController();
  const late = clock.after(timeout, () => enough.abort());
  const events = open.size === 0 ? [] : client.followEvents({ since, limit: MOST }, enough.signal);
  try {
    for await (const event of events) {
      const problem = open.has(event.console ?? '') ? problemOf(event) : PENDING;
      if (event.from === 'stopping' && stopping.delete(event.console ?? '')) {
        continue;
      }
      if (problem !== PENDING) {
        open.delete(event.console as string);
        problems.set(event.console as string, problem);
      }
      if (open.size === 0) {
        break;
      }
    }
  } catch (error) {
    if (!enough.signal.aborted) {
      throw error;
    }
  } finally {
    late.cancel();
  }
  return Promise.all(
    accepted.map(async (before) => {
      const { state, deaths } = await client.detail(before.name);
      const told = problems.get(before.name) || (ENDED_AGAIN.has(state) ? 'it has ended again' : UP);
      const problem = open.has(before.name)
        ? `not up after ${duration(timeout)}`
        : told && deaths[0]
          ? deathText(deaths[0])
          : told;
      return { ...before, state, ...(problem && !isReady(state) ? { problem } : {}) };
    }),
  );
}

function isReady(state: ProcessState): boolean {
  return isUp(state) && state !== 'starting' && state !== 'stopping';
}

/** Why it will not come up; otherwise UP or PENDING. */
function problemOf({ type, to, text }: EventInfo): string {
  if (type !== 'state' || to === undefined) {
    return PENDING;
  }
  return isReady(to) ? UP : GIVEN_UP.has(to) ? text : PENDING;
}
