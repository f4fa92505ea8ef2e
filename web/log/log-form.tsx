/** The search form: text, consoles, time. Each change is an entry in the browser history. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { local } from '../../src/model/time-text.ts';
import { ChooseConsoles } from '../parts/choose-consoles.tsx';
import { queryHref } from '../route.ts';
import { LOG_TEXTS } from '../texts/log.ts';
import { CONTEXTS, LASTS, type Last, type LogQuery, textOf } from './log-query.ts';

export function logHref(query: LogQuery): string {
  return queryHref('log', textOf(query));
}

interface FormProps {
  readonly query: LogQuery;
  /** The query is the same as before. */
  again(): void;
}

export function LogForm({ again, query }: FormProps) {
  const input = useRef<HTMLInputElement>(null);
  const fault = useSignal('');
  // An address that was set here takes a moment to arrive: what is typed and toggled meanwhile counts from there.
  const meant = useRef<LogQuery | undefined>(undefined);
  useEffect(() => {
    if (meant.current && textOf(meant.current) === textOf(query)) {
      return;
    }
    meant.current = query;
    if (input.current) {
      input.current.value = query.text;
    }
    fault.value = '';
  }, [query]);
  const go = (changed: Partial<LogQuery>): void => {
    const from = meant.current ?? query;
    const next = { ...from, text: input.current?.value ?? '', at: undefined, of: undefined, ...changed };
    fault.value = next.isRegex ? faultOf(next.text) : '';
    if (fault.value !== '') {
      return;
    }
    meant.current = next;
    const href = logHref(next);
    if (href === location.hash) {
      again();
    } else {
      location.assign(href);
    }
  };
  return (
    <search class="asks">
      <form
        class="words"
        onSubmit={(event) => {
          event.preventDefault();
          go({});
        }}
      >
        <input
          ref={input}
          type="search"
          aria-label={LOG_TEXTS.text}
          placeholder={LOG_TEXTS.textHint}
          maxLength={4096}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
        <Toggle name={LOG_TEXTS.cased} shown="Aa" isOn={query.isCased} turn={(isCased) => go({ isCased })} />
        <Toggle name={LOG_TEXTS.regex} shown=".*" isOn={query.isRegex} turn={(isRegex) => go({ isRegex })} />
        <button type="submit" class="main">
          {LOG_TEXTS.search}
        </button>
        {query.text !== '' && (
          <select
            aria-label={LOG_TEXTS.context}
            value={query.context}
            onChange={({ currentTarget: { value } }) =>
              go({ context: CONTEXTS.find((each) => String(each) === value) ?? 0 })
            }
          >
            {CONTEXTS.map((each) => (
              <option key={each} value={each}>
                {LOG_TEXTS.contexts[each]}
              </option>
            ))}
          </select>
        )}
      </form>
      {fault.value !== '' && (
        <p class="fault" role="alert">
          {LOG_TEXTS.badRegex(fault.value)}
        </p>
      )}
      <ChooseConsoles
        label={LOG_TEXTS.consoles}
        none={LOG_TEXTS.allConsoles}
        groups={true}
        chosen={[...query.groups.map((name) => `@${name}`), ...query.consoles]}
        add={(word) =>
          go(
            word.startsWith('@')
              ? { groups: [...query.groups, word.slice(1)] }
              : { consoles: [...query.consoles, word] },
          )
        }
        remove={(word) =>
          go({
            groups: query.groups.filter((name) => `@${name}` !== word),
            consoles: query.consoles.filter((name) => name !== word),
          })
        }
      />
      <Times query={query} go={go} />
    </search>
  );
}

function Times({ go, query }: { readonly query: LogQuery; go(changed: Partial<LogQuery>): void }) {
  const { last, since, until } = query;
  const isAny = last === undefined && since === undefined && until === undefined;
  return (
    <fieldset class="times">
      <legend>{LOG_TEXTS.times}</legend>
      <button
        type="button"
        class="chip"
        aria-pressed={isAny}
        onClick={() => go({ last: undefined, since: undefined, until: undefined })}
      >
        {LOG_TEXTS.newestLines}
      </button>
      {(Object.keys(LASTS) as Last[]).map((each) => (
        <button key={each} type="button" class="chip" aria-pressed={each === last} onClick={() => go({ last: each })}>
          {LOG_TEXTS.last[each]}
        </button>
      ))}
      <TimeField name={LOG_TEXTS.from} at={since} set={(at) => go({ since: at, last: undefined })} />
      <TimeField name={LOG_TEXTS.to} at={until} set={(at) => go({ until: at, last: undefined })} />
    </fieldset>
  );
}

interface TimeFieldProps {
  readonly name: string;
  readonly at: number | undefined;
  set(at: number | undefined): void;
}

/** Local time. */
function TimeField({ at, name, set }: TimeFieldProps) {
  return (
    <label class="time">
      {name}
      <input
        type="datetime-local"
        step="1"
        value={at === undefined ? '' : local(new Date(at).toISOString()).replace(' ', 'T')}
        onChange={({ currentTarget: { value } }) => {
          const chosen = Date.parse(value);
          set(Number.isNaN(chosen) ? undefined : chosen);
        }}
      />
    </label>
  );
}

interface ToggleProps {
  readonly name: string;
  readonly shown: string;
  readonly isOn: boolean;
  turn(isOn: boolean): void;
}

function Toggle({ isOn, name, shown, turn }: ToggleProps) {
  return (
    <button
      type="button"
      class="chip toggle"
      aria-label={name}
      title={name}
      aria-pressed={isOn}
      onClick={() => turn(!isOn)}
    >
      {shown}
    </button>
  );
}

function faultOf(pattern: string): string {
  try {
    new RegExp(pattern, 'u');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
