/** A history in which each console's restarts by its policy, where there are many, are one entry. */
import type { EventInfo } from './api.ts';

/** Several ends of one console, or failed starts, one after the other. */
export interface Fold {
  readonly type: 'fold';
  readonly console: string;
  /** Of its first event and its last one, ISO 8601. */
  readonly since: string;
  readonly time: string;
  readonly ends: number;
  readonly failures: number;
  /** It may have begun before what was looked at. */
  readonly isPart: boolean;
  /** The newest end, or failure. */
  readonly last: EventInfo;
}

/** So many ends are a loop. */
export const LEAST = 3;
/** Ends further apart are not one loop. */
export const APART_MS = 600_000;
/** Events caused by a policy. */
const CYCLE: ReadonlySet<string> = new Set(['due', 'ended-again', 'spawned', 'up', 'ready', 'overdue']);
/** Events that follow an end and belong to it. */
const AFTERMATH: ReadonlySet<string> = new Set(['ended-again', 'due']);
export const SESSIONS: ReadonlySet<string> = new Set(['attached', 'detached', 'writer']);

/** `events`: oldest first, as is what it returns; `isCut`: there may be more before them. */
export function foldEvents(events: readonly EventInfo[], isCut = false): readonly (EventInfo | Fold)[] {
  const firsts = new Map<string, EventInfo>();
  const runs = new Map<string, EventInfo[]>();
  const folds = new Map<EventInfo, Fold>();
  const hidden = new Set<EventInfo>();
  const close = (console: string): void => {
    const run = runs.get(console) ?? [];
    runs.delete(console);
    const ends = run.filter(isEnd);
    const last = ends.at(-1);
    if (ends.length < LEAST || last === undefined) {
      return;
    }
    const failures = ends.filter(({ type }) => type === 'notStarted').length;
    let to = run.indexOf(last);
    while (AFTERMATH.has(run[to + 1]?.cause ?? '')) {
      to++;
    }
    const folded = run.slice(0, to + 1);
    const [{ time: since }] = ends as [EventInfo];
    for (const event of folded) {
      hidden.add(event);
    }
    folds.set(folded.at(-1) as EventInfo, {
      ...{ type: 'fold', console, since, time: last.time, last },
      ...{ ends: ends.length - failures, failures, isPart: isCut && firsts.get(console) === run[0] },
    });
  };
  for (const event of events) {
    const { console } = event;
    if (console === undefined || SESSIONS.has(event.type)) {
      continue;
    }
    if (!firsts.has(console)) {
      firsts.set(console, event);
    }
    const before = runs.get(console)?.at(-1);
    if (before && Date.parse(event.time) - Date.parse(before.time) > APART_MS) {
      close(console);
    }
    if (isCycle(event)) {
      const run = runs.get(console);
      if (run) {
        run.push(event);
      } else {
        runs.set(console, [event]);
      }
    } else {
      close(console);
    }
  }
  for (const console of [...runs.keys()]) {
    close(console);
  }
  return events.flatMap((event): readonly (EventInfo | Fold)[] => {
    const fold = folds.get(event);
    return fold ? [fold] : hidden.has(event) ? [] : [event];
  });
}

export function isCycle(event: EventInfo): boolean {
  switch (event.type) {
    case 'state':
      return event.by === undefined && CYCLE.has(event.cause ?? '');
    case 'started':
    case 'notStarted':
      return event.by === undefined;
    default:
      return isEnd(event);
  }
}

export function isEnd({ type, death }: EventInfo): boolean {
  return type === 'notStarted' || (type === 'ended' && death?.asked === undefined);
}
