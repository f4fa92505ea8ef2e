/** The filter of history or audit: each field is in the address. */
import { useEffect, useId, useRef } from 'preact/hooks';
import { local } from '../../src/model/time-text.ts';
import { all } from '../list/table.ts';
import { LASTS } from '../log/log-query.ts';
import { queryHref, queryNow } from '../route.ts';
import { RECORDS_TEXTS as TEXTS } from '../texts/records.ts';
import { ACTS, CHANGES, type Field, type Fields, fieldsOf, KINDS, OUTCOMES, queryOf } from './records-query.ts';

/** Most names offered. */
const MOST_OFFERED = 200;

interface FormProps {
  readonly view: 'history' | 'audit';
  readonly query: string;
}

export function FilterForm({ query, view }: FormProps) {
  const fields = fieldsOf(query);
  const names = useId();
  const set = (field: Field, value: string): void => {
    const { before: _, ...rest } = fieldsOf(queryNow());
    const isPeriod = field === 'since' || field === 'until';
    const others: Fields = field === 'last' ? { since: '', until: '' } : isPeriod ? { last: '' } : {};
    location.hash = queryHref(view, queryOf({ ...rest, ...others, [field]: value.trim() }));
  };
  const words = (field: 'console' | 'user' | 'q', list?: string) => (
    <Words field={field} text={fields[field] ?? ''} list={list} set={(text) => set(field, text)} />
  );
  const choice = (field: Field & keyof typeof TEXTS.fields, options: readonly (readonly [string, string])[]) => (
    <label>
      {TEXTS.fields[field]}
      <select value={fields[field] ?? ''} onChange={({ currentTarget }) => set(field, currentTarget.value)}>
        <option value="">{TEXTS.all}</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
  const time = (field: 'since' | 'until') => (
    <label>
      {TEXTS.fields[field]}
      <input
        type="datetime-local"
        value={fields[field] ? local(fields[field]).replace(' ', 'T').slice(0, 'yyyy-mm-ddThh:mm'.length) : ''}
        onChange={({ currentTarget: { value } }) => set(field, value === '' ? '' : new Date(value).toISOString())}
      />
    </label>
  );
  const same = (values: readonly string[]) => values.map((value) => [value, value] as const);
  return (
    <div class="filter">
      <form aria-label={TEXTS.filter} onSubmit={(event) => event.preventDefault()}>
        {words('console', names)}
        <datalist id={names}>
          {all.value.slice(0, MOST_OFFERED).map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        {words('user')}
        {view === 'history'
          ? choice(
              'kind',
              KINDS.map((kind) => [kind, kind === CHANGES ? TEXTS.changes : kind]),
            )
          : choice('act', same(ACTS))}
        {view === 'audit' && choice('outcome', same(OUTCOMES))}
        {choice(
          'last',
          (Object.keys(LASTS) as (keyof typeof LASTS)[]).map((last) => [last, TEXTS.lasts[last]]),
        )}
        {time('since')}
        {time('until')}
        {words('q')}
        {query !== '' && (
          <a class="clear" href={queryHref(view)}>
            {TEXTS.clear}
          </a>
        )}
      </form>
    </div>
  );
}

interface WordsProps {
  readonly field: 'console' | 'user' | 'q';
  readonly text: string;
  readonly list: string | undefined;
  set(text: string): void;
}

/** It is drawn again whenever the list changes, which must not undo what is being typed. */
function Words({ field, list, set, text }: WordsProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) {
      input.current.value = text;
    }
  }, [text]);
  return (
    <label>
      {TEXTS.fields[field]}
      <input
        ref={input}
        type={field === 'q' ? 'search' : 'text'}
        list={list}
        maxLength={256}
        autocomplete="off"
        spellcheck={false}
        onChange={({ currentTarget }) => set(currentTarget.value)}
      />
    </label>
  );
}
