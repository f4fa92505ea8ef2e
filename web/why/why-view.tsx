/** The why view: state, last ends, events, resource use. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { DeathInfo, EventInfo } from '../../src/model/api.ts';
import { conditionOf, sinceOf, toneOf } from '../../src/model/condition.ts';
import { deathText, lifeText } from '../../src/model/death-text.ts';
import { foldEvents, isEnd } from '../../src/model/event-folds.ts';
import { doerWords, eventWords } from '../../src/model/event-words.ts';
import { local, untilText } from '../../src/model/time-text.ts';
import { failedStart, verdictOf } from '../../src/model/verdict.ts';
import { ConsoleBar } from '../console/console-bar.tsx';
import { seen } from '../log/line-text.ts';
import { now } from '../now.ts';
import { useAsked } from '../parts/asked.ts';
import { queryHref } from '../route.ts';
import { TEXTS } from '../texts/page.ts';
import { WHY_TEXTS } from '../texts/why.ts';
import { OverTime } from './over-time.tsx';
import { around, EVENTS } from './timeline.ts';
import { LOG_LINES, logAround, useFacts, type WhyFacts } from './why-facts.ts';

/** Most events shown at first; a server keeps more than one can read. */
const ENDS = 5;
const HAPPENED = 40;

export function WhyView({ name }: { readonly name: string }) {
  const { again, answer, fault, isAsking } = useFacts(name);
  const facts = answer.value;
  return (
    <main class="why">
      <ConsoleBar name={name} view="why" />
      <div class="facts">
        {fault.value && (
          <p class="fault" role="alert">
            {WHY_TEXTS.noAnswer(fault.value.message)}{' '}
            <button type="button" disabled={isAsking.value} onClick={() => void again()}>
              {WHY_TEXTS.again}
            </button>
          </p>
        )}
        {facts === undefined && !fault.value && <p class="nothing">{WHY_TEXTS.looking}</p>}
        {facts && (
          <>
            <Standing {...facts} />
            <Ends {...facts} />
            <OverTime {...facts} />
            <Log key={facts.detail.deaths[0]?.time} {...facts} />
            <Happened {...facts} />
          </>
        )}
      </div>
    </main>
  );
}

function Standing({ detail, events }: WhyFacts) {
  const since = sinceOf(detail);
  const { hold, restartMode, restarts } = detail;
  const failed = failedStart(detail, events);
  return (
    <section class={`verdict ${toneOf(conditionOf(detail))}`} aria-label={WHY_TEXTS.why}>
      <p class="sentence">{seen(verdictOf(detail).text)}</p>
      <p>
        <b>{conditionOf(detail)}</b>{' '}
        {WHY_TEXTS.since(new Date(since).toISOString(), Math.max(0, Math.floor(now.value / 1000) * 1000 - since))}.{' '}
        {WHY_TEXTS.restarts(restarts.hour, restarts.total, restartMode)}
      </p>
      {hold && <p>{seen(TEXTS.held(hold.by, hold.until && untilText(hold.until, now.peek()), hold.reason))}</p>}
      {failed && <p class="bad">{WHY_TEXTS.notStarted(seen(failed))}</p>}
    </section>
  );
}

function Ends({ detail: { deaths, historySince } }: WhyFacts) {
  return (
    <section class="ends" aria-labelledby="ends">
      <h2 id="ends">{WHY_TEXTS.ends}</h2>
      {deaths.length === 0 && (
        <p>{historySince === undefined ? WHY_TEXTS.noEnd : WHY_TEXTS.noEndSince(historySince)}</p>
      )}
      {deaths.slice(0, ENDS).map((death, at) => (
        <End key={death.time} death={death} isNewest={at === 0} />
      ))}
      {deaths.length > ENDS && <p class="more">{WHY_TEXTS.endsKept(ENDS)}</p>}
    </section>
  );
}

function End({ death, isNewest }: { readonly death: DeathInfo; readonly isNewest: boolean }) {
  const { asked, lastLines, time } = death;
  return (
    <details class={`end ${asked === undefined ? 'bad' : 'off'}`} open={isNewest}>
      <summary>
        <time dateTime={time}>{local(time)}</time> <strong>{seen(deathText(death))}</strong>{' '}
        <span>
          {lifeText(death)}; <Ago time={time} />
        </span>
      </summary>
      {lastLines.length === 0 ? (
        <p>{WHY_TEXTS.noLines}</p>
      ) : (
        <Lines label={WHY_TEXTS.lastLines(time)} lines={lastLines.map(seen)} />
      )}
    </details>
  );
}

function Ago({ time }: { readonly time: string }) {
  return <span class="ago">{WHY_TEXTS.ago(now.value - Date.parse(time))}</span>;
}

/** May be wider than a phone, so it scrolls, by keyboard too. */
function Lines({ label, lines }: { readonly label: string; readonly lines: readonly string[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="lines" aria-label={label} tabIndex={0}>
      <pre>{lines.join('\n')}</pre>
    </section>
  );
}

function Log({ detail: { deaths, log, name } }: WhyFacts) {
  const [end] = deaths;
  if (end === undefined) {
    return null;
  }
  return (
    <section class="log" aria-labelledby="log">
      <h2 id="log">{WHY_TEXTS.log}</h2>
      {log === undefined ? <p>{WHY_TEXTS.noLog}</p> : <LogOf name={name} time={end.time} />}
    </section>
  );
}

function LogOf({ name, time }: { readonly name: string; readonly time: string }) {
  const ended = useRef(new AbortController());
  const { again, answer, fault } = useAsked(() => logAround(name, time, ended.current.signal));
  useEffect(() => () => ended.current.abort(), []);
  const { since, until } = around(time);
  const query = new URLSearchParams({
    ...{ console: name, since: new Date(since).toISOString(), until: new Date(until).toISOString() },
  });
  const lines = answer.value;
  return (
    <>
      <p>
        {WHY_TEXTS.logBetween(since, until)} <a href={queryHref('log', query.toString())}>{WHY_TEXTS.openLog}</a>
      </p>
      {fault.value && (
        <p class="fault">
          {WHY_TEXTS.noAnswer(fault.value.message)}{' '}
          <button type="button" onClick={() => void again()}>
            {WHY_TEXTS.again}
          </button>
        </p>
      )}
      {lines &&
        (lines.join('') === '' ? (
          <p>{WHY_TEXTS.nothingLogged}</p>
        ) : (
          <Lines label={WHY_TEXTS.logBetween(since, until)} lines={lines} />
        ))}
      {lines && lines.length >= LOG_LINES && <p class="more">{WHY_TEXTS.logCut(LOG_LINES)}</p>}
    </>
  );
}

function Happened({ configured: applied, detail: { name }, events }: WhyFacts) {
  const all = useSignal(false);
  const told = foldEvents(events, events.length === EVENTS);
  const folded = [...told, ...applied].sort((a, b) => Date.parse(a.time) - Date.parse(b.time)).reverse();
  const shown = all.value ? folded : folded.slice(0, HAPPENED);
  return (
    <section class="happened" aria-labelledby="happened">
      <h2 id="happened">{WHY_TEXTS.happened}</h2>
      <p>
        <a href={queryHref('history', new URLSearchParams({ console: name }).toString())}>{WHY_TEXTS.history}</a>
      </p>
      {folded.length === 0 && <p>{WHY_TEXTS.nothingHappened}</p>}
      <ol>
        {shown.map((event) => {
          const who = doerWords(event);
          return (
            <li key={event.type === 'fold' ? `fold ${event.since}` : event.seq}>
              <time dateTime={event.time}>{local(event.time)}</time>
              <span class={event.type === 'fold' || isEnd(event) ? 'bad' : undefined}>
                {seen(event.type === 'config' ? configured(event, name) : eventWords(event))}
              </span>
              {who !== undefined && <span class="who">{seen(who)}</span>}
            </li>
          );
        })}
      </ol>
      {folded.length > shown.length && (
        <p class="more">
          {WHY_TEXTS.moreHappened(shown.length)}{' '}
          <button
            type="button"
            onClick={() => {
              all.value = true;
            }}
          >
            {WHY_TEXTS.showAll(folded.length)}
          </button>
        </p>
      )}
    </section>
  );
}

/** The effect of an applied configuration on this console. */
function configured(event: EventInfo, name: string): string {
  const steps = (event.steps ?? []).filter((step) => 'console' in step && step.console === name);
  return steps.length === 0 ? eventWords(event) : WHY_TEXTS.configured(steps.map(({ action }) => action).join(', '));
}
