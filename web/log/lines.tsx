/** The lines, newest last, and the buttons at both ends. */
import { type Signal, useSignal } from '@preact/signals';
import type { TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { withoutStamp } from '../../src/model/line-stamp.ts';
import { local } from '../../src/model/time-text.ts';
import { consoleHref } from '../route.ts';
import { LOG_TEXTS } from '../texts/log.ts';
import { MOST_CHARACTERS, marker, partsOf, seen } from './line-text.ts';
import { logHref } from './log-form.tsx';
import type { LogLine } from './log-pages.ts';
import type { LogQuery } from './log-query.ts';
import type { LogReader } from './log-reader.ts';

interface LinesProps {
  readonly reader: LogReader;
  readonly query: LogQuery;
}

/** Looks of the bars beside names, as in `log.css`, before they repeat. */
const LOOKS = 8;

export function Lines({ query, reader }: LinesProps) {
  const scroller = useRef<HTMLElement>(null);
  /** The line that `Tab` reaches. */
  const current = useSignal<number | undefined>(undefined);
  const { after, before, lines } = reader.shown.value;
  const work = reader.work.value;
  const isBusy = work.is === 'busy';
  return (
    <>
      <div class="way">
        <button type="button" disabled={isBusy} onClick={() => void reader.oldest()}>
          {LOG_TEXTS.oldest}
        </button>
        <button type="button" disabled={isBusy || typeof before === 'string'} onClick={() => void reader.earlier()}>
          {LOG_TEXTS.earlier}
        </button>
        <span class="edge">
          {query.at !== undefined && (
            <>
              {LOG_TEXTS.around(query.at)}{' '}
              {query.text !== '' && (
                <a href={logHref({ ...query, at: undefined, of: undefined })}>{LOG_TEXTS.found}</a>
              )}{' '}
            </>
          )}
          {lines.length > 0 && beforeText(before)}
        </span>
        <Working reader={reader} />
      </div>
      <section
        class="found"
        aria-label={LOG_TEXTS.lines}
        aria-busy={isBusy}
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        tabIndex={0}
        onKeyDown={(event) => goes(event, current)}
      >
        {lines.length === 0 && work.is === 'done' && (
          <p class="nothing">{query.text === '' ? LOG_TEXTS.noneAll : LOG_TEXTS.none}</p>
        )}
        <Listed query={query} reader={reader} scroller={scroller} current={current} />
      </section>
      <div class="way">
        <button type="button" disabled={isBusy || after === 'nothing'} onClick={() => void reader.later()}>
          {reader.step.value === 'newest' ? LOG_TEXTS.again : LOG_TEXTS.later}
        </button>
        <button type="button" disabled={isBusy} onClick={() => void reader.newest()}>
          {LOG_TEXTS.newest}
        </button>
        <span class="edge">{LOG_TEXTS.shown(lines.length)}</span>
      </div>
    </>
  );
}

interface ListedProps extends LinesProps {
  readonly scroller: { readonly current: HTMLElement | null };
  readonly current: Signal<number | undefined>;
}

/** A component of its own, so that progress does not redraw it. */
function Listed({ current, query, reader, scroller }: ListedProps) {
  useKeptPlace(scroller, reader);
  const { lines } = reader.shown.value;
  const looks = useMemo(() => new Map<string, number>(), []);
  for (const { console } of lines) {
    looks.set(console, looks.get(console) ?? looks.size % LOOKS);
  }
  const reached = lines.find(({ id }) => id === current.value) ?? lines.at(-1);
  const mark = useMemo(() => marker(query.text, query.isRegex, query.isCased), [query]);
  return (
    <ol>
      {lines.map((line, index) => (
        <Line
          key={line.id}
          line={line}
          above={lines[index - 1]}
          look={looks.get(line.console) ?? 0}
          query={query}
          mark={mark}
          isCurrent={line === reached}
        />
      ))}
    </ol>
  );
}

function beforeText(before: LogReader['shown']['value']['before']): string {
  return before === 'nothing'
    ? LOG_TEXTS.nothingBefore
    : before === 'untold'
      ? LOG_TEXTS.untoldBefore
      : LOG_TEXTS.moreBefore;
}

/** Progress and outcome of a search. */
function Working({ reader }: { readonly reader: LogReader }) {
  const work = reader.work.value;
  return (
    <span class="work" role="status">
      {work.is === 'busy' && (
        <>
          {work.all > 0 ? LOG_TEXTS.progress(work.done, work.all) : LOG_TEXTS.searching}{' '}
          <button type="button" onClick={() => reader.cancel()}>
            {LOG_TEXTS.cancel}
          </button>
        </>
      )}
      {(work.is === 'cancelled' || work.is === 'failed') && (
        <span class="fault">
          {work.is === 'failed' ? LOG_TEXTS.failed(work.reason) : LOG_TEXTS.cancelled}{' '}
          <button type="button" onClick={() => void reader.again()}>
            {LOG_TEXTS.again}
          </button>
        </span>
      )}
    </span>
  );
}

interface LineProps {
  readonly line: LogLine;
  readonly above: LogLine | undefined;
  readonly look: number;
  readonly query: LogQuery;
  readonly mark: RegExp | undefined;
  readonly isCurrent: boolean;
}

function Line({ above, isCurrent, line, look, mark, query }: LineProps) {
  const { console, context, time } = line;
  const whole = seen(line.text);
  // The time is shown beside it, unless the search matches it.
  const short = time === undefined ? whole : withoutStamp(whole);
  const isInStamp = short !== whole && !holds(short, mark) && holds(whole, mark);
  const text = isInStamp ? whole : short;
  const isMeant = query.at !== undefined && time === query.at && (query.of ?? console) === console;
  const isSame = above !== undefined && above.time === time && above.console === console;
  const day = time === undefined ? undefined : dayOf(time);
  const isNewDay = day !== undefined && (above?.time === undefined || dayOf(above.time) !== day);
  const tabIndex = isCurrent ? 0 : -1;
  return (
    <>
      {isNewDay && <li class="day">{day}</li>}
      {line.gap && above && query.context > 0 && query.at === undefined && <li class="gap">···</li>}
      <li class={`line look-${look}${context ? ' context' : ''}${isMeant ? ' meant' : ''}`} data-line={line.id}>
        <span class={isSame ? 'at same' : 'at'}>
          {time === undefined ? (
            <span title={LOG_TEXTS.unknownTime}>?</span>
          ) : (
            <a
              href={logHref({ ...query, at: time, of: console })}
              title={LOG_TEXTS.linesAround(console, time)}
              tabIndex={tabIndex}
            >
              <time dateTime={new Date(time).toISOString()}>{timeOfDay(time)}</time>
            </a>
          )}
        </span>
        <a class="of" href={consoleHref(console)} tabIndex={tabIndex}>
          {console}
        </a>
        <span class="text">
          {partsOf(text.slice(0, MOST_CHARACTERS), mark).map((part, at) =>
            part.isFound ? <mark key={at}>{part.text}</mark> : part.text,
          )}
          {text.length > MOST_CHARACTERS && (
            <span class="cut" title={LOG_TEXTS.cut}>
              {' '}
              …
            </span>
          )}
        </span>
      </li>
    </>
  );
}

/** `j` and `k` go from line to line; arrows scroll. */
function goes({ currentTarget, key }: TargetedKeyboardEvent<HTMLElement>, current: Signal<number | undefined>): void {
  const step = { j: 1, k: -1 }[key];
  const all = [...currentTarget.querySelectorAll<HTMLElement>('[data-line]')];
  if (step === undefined || all.length === 0) {
    return;
  }
  const at = all.findIndex((each) => each.contains(document.activeElement));
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? all.length - 1 : at + step))];
  current.value = Number(next?.dataset.line);
  next?.querySelector('a')?.focus();
}

function holds(text: string, mark: RegExp | undefined): boolean {
  return mark !== undefined && partsOf(text, mark).some(({ isFound }) => isFound);
}

function dayOf(time: number): string {
  return local(new Date(time).toISOString()).slice(0, 'yyyy-mm-dd'.length);
}

function timeOfDay(time: number): string {
  const milliseconds = String(time % 1000).padStart(3, '0');
  return `${local(new Date(time).toISOString()).slice('yyyy-mm-dd '.length)}.${milliseconds}`;
}

/** Scrolls to the newest lines, or centres the line that a link points to; otherwise the visible lines stay where they were. */
function useKeptPlace(scroller: { readonly current: HTMLElement | null }, reader: LogReader): void {
  const held = useRef<{ readonly id: string; readonly top: number } | undefined>(undefined);
  const seenLines = useRef<readonly LogLine[]>([]);
  const element = scroller.current;
  const { lines } = reader.shown.value;
  if (element && seenLines.current !== lines) {
    held.current = placeHeld(element, reader.step.peek() === 'later');
  }
  useLayoutEffect(() => {
    const now = scroller.current;
    if (!now || seenLines.current === lines) {
      return;
    }
    seenLines.current = lines;
    const step = reader.step.peek();
    const kept = held.current && now.querySelector(`[data-line="${held.current.id}"]`);
    if ((step === 'earlier' || step === 'later') && kept && held.current) {
      now.scrollTop += kept.getBoundingClientRect().top - held.current.top;
    } else if (step === 'around') {
      now.querySelector('.meant')?.scrollIntoView({ block: 'center' });
    } else {
      now.scrollTop = step === 'oldest' ? 0 : now.scrollHeight;
    }
  }, [lines]);
}

/** A line that stays, and its position. */
function placeHeld(element: HTMLElement, isLast: boolean): { readonly id: string; readonly top: number } | undefined {
  const all = element.querySelectorAll<HTMLElement>('[data-line]');
  const line = isLast ? all[all.length - 1] : all[0];
  return line && { id: line.dataset.line ?? '', top: line.getBoundingClientRect().top };
}
