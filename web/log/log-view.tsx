/** The log view: a search form, and the lines of the chosen consoles on one time axis. */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { host } from '../host.ts';
import { all } from '../list/table.ts';
import { now } from '../now.ts';
import { standing } from '../standing.ts';
import { LOG_TEXTS } from '../texts/log.ts';
import { Lines } from './lines.tsx';
import { LogForm } from './log-form.tsx';
import { goingBack } from './log-pages.ts';
import { asksSomething, type LogQuery, logQueryOf } from './log-query.ts';
import { LogReader } from './log-reader.ts';

export interface LogProps {
  readonly query: string;
}

export function LogView({ query: text }: LogProps) {
  const query = useMemo(() => logQueryOf(text), [text]);
  // Consoles and groups are known when the list is.
  const isListed = useComputed(() => all.value.length > 0);
  const isKnown = useComputed(() => isListed.value || standing.value.is !== 'loading');
  const attempt = useSignal(0);
  return (
    <main class="log">
      <h1 class="unseen">{LOG_TEXTS.logs}</h1>
      <LogForm query={query} again={() => attempt.value++} />
      {!asksSomething(query) && <p class="nothing">{LOG_TEXTS.ask}</p>}
      {asksSomething(query) && isKnown.value && (
        <Found key={`${attempt.value} ${isListed.value} ${text}`} query={query} />
      )}
    </main>
  );
}

function Found({ query }: { readonly query: LogQuery }) {
  const meant = useMemo(() => consolesOf(query, all.peek()), []);
  const reader = useMemo(() => new LogReader(host, query, meant.asked, () => now.peek()), []);
  useEffect(() => {
    void reader.begin();
    return () => reader.close();
  }, []);
  const wasAway = useRef(false);
  useSignalEffect(() => {
    // Retry when the server is back what failed because it was away.
    const isLive = standing.value.is === 'live';
    if (isLive && wasAway.current && reader.work.peek().is === 'failed') {
      void reader.again();
    }
    wasAway.current = standing.value.is === 'away';
  });
  return (
    <>
      <Notes reader={reader} meant={meant} />
      <Lines reader={reader} query={query} />
    </>
  );
}

interface Meant {
  /** Undefined: every log that may be read. */
  readonly asked: readonly string[] | undefined;
  readonly unknown: readonly string[];
  readonly withoutLog: readonly string[];
}

function consolesOf({ consoles, groups }: LogQuery, known: readonly ConsoleSummary[]): Meant {
  if (consoles.length + groups.length === 0) {
    return { asked: undefined, unknown: [], withoutLog: [] };
  }
  const meant = known.filter(
    (console) => consoles.includes(console.name) || console.groups.some((each) => groups.includes(each)),
  );
  const withLog = meant.filter(({ log }) => log !== undefined);
  return {
    asked: withLog.map(({ name }) => name),
    unknown: consoles.filter((name) => !meant.some((each) => each.name === name)),
    withoutLog: meant.filter(({ log }) => log === undefined).map(({ name }) => name),
  };
}

/** Most notes on logs that could not be searched. */
const MOST_REASONS = 10;

/** The lines that are missing, and why. */
function Notes({ meant, reader }: { readonly meant: Meant; readonly reader: LogReader }) {
  const { lines } = reader.shown.value;
  const timeless = [...new Set(lines.filter(({ time }) => time === undefined).map(({ console }) => console))];
  const back = goingBack(lines);
  const shown = new Set(lines.map(({ console }) => console));
  const unsearched = reader.unsearched.value;
  const named = new Set(unsearched.map(([, console]) => console));
  const more = unsearched.length - MOST_REASONS;
  const absent = lines.length === 0 ? [] : (meant.asked ?? []).filter((name) => !shown.has(name) && !named.has(name));
  const notes = [
    ...(meant.unknown.length > 0 ? [LOG_TEXTS.unknown(meant.unknown)] : []),
    ...(meant.withoutLog.length > 0 ? [LOG_TEXTS.noLog(meant.withoutLog)] : []),
    ...(absent.length > 0 ? [LOG_TEXTS.absent(absent)] : []),
    ...(back.length > 0 ? [LOG_TEXTS.goingBack(back)] : []),
    ...(timeless.length > 0 ? [LOG_TEXTS.noTime(timeless)] : []),
    ...unsearched.slice(0, MOST_REASONS).map(([reason]) => LOG_TEXTS.unsearched(reason)),
    ...(more > 0 ? [LOG_TEXTS.moreUnsearched(more)] : []),
  ];
  return notes.length === 0 ? null : (
    <ul class="notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
