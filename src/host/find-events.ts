/** Events by what is asked of them: from the history, and as they happen. */
import type { EventInfo } from '../model/api.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import { eventInfo } from '../model/event-text.ts';
import { doerWords, eventWords } from '../model/event-words.ts';
import { type HostEvent, SESSION_EVENTS } from '../model/events.ts';
import { EVENTS_LIMIT, type NearEventFilter, type NearHost } from '../model/host-port.ts';
import type { EventLog } from './event-log.ts';

/** Events that may wait for a slow reader. */
const QUEUE = 1000;

/** As `HostPort.events`. */
export async function findEvents(
  history: Pick<EventLog, 'find' | 'newest'>,
  filter: NearEventFilter,
): Promise<EventInfo[]> {
  const { limit = EVENTS_LIMIT } = filter;
  // A number from the future belongs to a lost history: all current events are new.
  const since = (filter.since ?? 0) > history.newest ? 0 : (filter.since ?? 0);
  const found = await history.find((event) => event.seq > since && matches(filter, event), limit, since);
  return found.map(eventInfo);
}

function matches(filter: NearEventFilter, event: HostEvent): boolean {
  const { before, changes, console, from, sees, text, types, until, user } = filter;
  return (
    (console === undefined || event.console === console) &&
    (before === undefined || event.seq < before) &&
    !(changes && SESSION_EVENTS.has(event.type)) &&
    (types === undefined || types.includes(event.type)) &&
    (user === undefined || isBy(user, event)) &&
    (from === undefined || Date.parse(event.time) >= from) &&
    (until === undefined || Date.parse(event.time) < until) &&
    (sees === undefined || event.console === undefined || sees(event.console)) &&
    (text === undefined || says(text, event))
  );
}

function isBy(user: string, event: HostEvent): boolean {
  const all = [event.by, ...(event.type === 'ended' ? [event.death.askedBy] : [])];
  return all.some((by) => by?.user === user || by?.behind === user);
}

/** In the words of the page, or of the API. */
function says(text: string, event: HostEvent): boolean {
  const info = eventInfo(event);
  const all = [info.console, info.text, eventWords(info), doerWords(info)];
  return all.some((each) => each?.toLowerCase().includes(text.toLowerCase()));
}

export type EventSource = Pick<NearHost, 'events' | 'onEvent'>;

/** As `NearHost.followEvents`: listens from the call on, so that nothing is missing between the history and the news. */
export function followEvents(
  source: EventSource,
  filter: NearEventFilter,
  ended?: EndSignal,
  behind: () => void = () => undefined,
): AsyncGenerator<EventInfo> {
  const queue: HostEvent[] = [];
  let lagged = false;
  let wake = (): void => undefined;
  const unsubscribe = source.onEvent((event) => {
    if (!matches(filter, event)) {
      return;
    }
    if (queue.length < QUEUE) {
      queue.push(event);
    } else {
      stop();
      lagged = true;
      queue.length = 0;
      behind();
    }
    wake();
  });
  const stop = (): void => {
    unsubscribe();
    ended?.removeEventListener('abort', stop);
    wake();
  };
  ended?.addEventListener('abort', stop, { once: true });
  return events();

  async function* events(): AsyncGenerator<EventInfo> {
    try {
      let last = 0;
      for (const event of await source.events(filter)) {
        last = event.seq;
        yield event;
      }
      while (!ended?.aborted) {
        for (const event of queue.splice(0)) {
          if (event.seq > last) {
            yield eventInfo(event);
          }
        }
        if (lagged) {
          throw new HoldfastError(
            'HF_BUSY',
            'this reader does not keep up with the events: it may continue where it is',
          );
        }
        if (queue.length === 0 && !ended?.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stop();
    }
  }
}
