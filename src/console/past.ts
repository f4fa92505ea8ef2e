/** The history of earlier servers, by console. */
import type { Death } from '../model/death.ts';
import type { HostEvent } from '../model/events.ts';
import type { Principal } from '../model/principal.ts';
import type { ProcessState } from '../model/process.ts';

/** Deaths remembered for `why`. */
export const DEATHS = 10;

export interface Past {
  /** Newest first. */
  readonly deaths: readonly Death[];
  /** Wall times of the automatic restarts in milliseconds, oldest first. */
  readonly restarts: readonly number[];
}

/** `history`: oldest first. */
export function pastOf(history: readonly HostEvent[]): ReadonlyMap<string, Past> {
  const found = new Map<string, { deaths: Death[]; restarts: number[] }>();
  for (const event of history) {
    const { console } = event;
    const death = event.type === 'ended' ? event.death : undefined;
    const restarted = event.type === 'state' && isRestart(event);
    if (console === undefined || !(death || restarted)) {
      continue;
    }
    const past = found.get(console) ?? { deaths: [], restarts: [] };
    found.set(console, past);
    if (death) {
      past.deaths = [death, ...past.deaths.slice(0, DEATHS - 1)];
    }
    if (restarted) {
      past.restarts.push(Date.parse(event.time));
    }
  }
  return found;
}

/** Whether the policy started it again without a request. */
export function isRestart({ from, to, by }: { from: ProcessState; to: ProcessState; by?: Principal }): boolean {
  return from === 'waiting' && to === 'starting' && by === undefined;
}
