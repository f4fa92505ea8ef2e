/** The history, in the words of `holdfast events`; its head is live. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { EventInfo } from '../../src/model/api.ts';
import { type Tone, toneOf } from '../../src/model/condition.ts';
import { type Fold, foldEvents, isEnd } from '../../src/model/event-folds.ts';
import { doerWords, eventWords } from '../../src/model/event-words.ts';
import { type Leaving, Stays } from '../../src/model/stays.ts';
import { local } from '../../src/model/time-text.ts';
import { host } from '../host.ts';
import { consoleNamed } from '../list/table.ts';
import { now } from '../now.ts';
import { useAsked } from '../parts/asked.ts';
import { consoleHref } from '../route.ts';
import { standing } from '../standing.ts';
import { RECORDS_TEXTS as TEXTS } from '../texts/records.ts';
import { PAGE, RecordPlace, RecordRows } from './record-page.tsx';
import { eventFilterOf, fieldsOf } from './records-query.ts';

/** Poll interval. */
const STEP_MS = 2000;

interface Found {
  /** Oldest first. */
  readonly events: readonly EventInfo[];
  /** The newest number seen. */
  readonly head: number;
  readonly hasOlder: boolean;
}

export function HistoryView({ query }: { readonly query: string }) {
  return (
    <RecordPlace view="history" query={query} about={TEXTS.historyAbout}>
      <HistoryRows key={query} query={query} />
    </RecordPlace>
  );
}

async function newest(since?: number): Promise<number | undefined> {
  const [last] = await host.events({ limit: 1, ...(since === undefined ? {} : { since }) });
  return last?.seq;
}

function HistoryRows({ query }: { readonly query: string }) {
  const fields = fieldsOf(query);
  const filterNow = () => ({ ...eventFilterOf(fields, now.peek()), limit: PAGE });
  const { answer, fault } = useAsked<Found>(async () => {
    const head = (await newest()) ?? 0;
    const events = await host.events(filterNow());
    return { events, head, hasOlder: events.length === PAGE };
  });
  const isLive = fields.before === undefined && fields.until === undefined;
  const isAsking = useSignal(false);
  useEffect(() => {
    let isOver = false;
    const look = async (): Promise<void> => {
      const known = answer.peek();
      const isMoot =
        isOver || isAsking.peek() || standing.peek().is !== 'live' || document.visibilityState !== 'visible';
      if (!known || isMoot) {
        return;
      }
      isAsking.value = true;
      try {
        const head = await newest(known.head);
        const news = head === undefined ? [] : await host.events({ ...filterNow(), since: known.head });
        if (!isOver && head !== undefined && answer.peek() === known) {
          // A server that lost its history restarts its numbers, and sends all it has.
          const all = head <= known.head ? news : [...known.events, ...news];
          const hasOlder = known.hasOlder || all.length > PAGE;
          answer.value = { events: all.slice(-PAGE), head: Math.max(head, news.at(-1)?.seq ?? 0), hasOlder };
        }
        fault.value = undefined;
      } catch (error) {
        if (!isOver) {
          fault.value = error as Error;
        }
      }
      isAsking.value = false;
    };
    const timer = isLive ? setInterval(() => void look(), STEP_MS) : undefined;
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, []);
  const found = answer.value;
  return (
    <RecordRows
      view="history"
      query={query}
      columns={['when', 'console', 'what', 'who']}
      rows={found && rowsOf(found)}
      fault={fault.value}
      head={isLive ? TEXTS.head : ''}
      oldest={found?.hasOlder ? found.events[0]?.seq : undefined}
    />
  );
}

/** Newest first. */
function rowsOf({ events, hasOlder }: Found) {
  const stays = new Stays();
  const told = events.map((event) => stays.add(event));
  return [...foldEvents(told, hasOlder)].reverse().map((event) => <EventRow key={keyOf(event)} event={event} />);
}

function keyOf(event: Leaving | Fold): string {
  return event.type === 'fold' ? `${event.console} ${event.time}` : String(event.seq);
}

function EventRow({ event }: { readonly event: Leaving | Fold }) {
  const who = doerWords(event);
  return (
    <tr class={toneOfEvent(event)}>
      <td class="when">
        <time dateTime={event.time}>{local(event.time)}</time>
      </td>
      <td class="console">
        <Subject name={event.console} />
      </td>
      <td class="what">{eventWords(event)}</td>
      <td class="who">{who}</td>
    </tr>
  );
}

/** The server, an ISIS server and removed consoles have no view to link to. */
function Subject({ name }: { readonly name: string | undefined }) {
  return name !== undefined && consoleNamed(name) ? <a href={consoleHref(name)}>{name}</a> : (name ?? TEXTS.server);
}

function toneOfEvent(event: Leaving | Fold): Tone | undefined {
  if (event.type === 'fold' || isEnd(event)) {
    return 'bad';
  }
  return event.to === undefined ? undefined : toneOf(event.to);
}
