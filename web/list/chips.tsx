/** Above the list: how many there are of each, to choose by, and the words to look for. */
import { useEffect, useRef } from 'preact/hooks';
import { type Condition, toneOf } from '../../src/model/condition.ts';
import { TEXTS } from '../texts/page.ts';
import { clear, filter, filters, type Kind, setWords, toggle } from './filter.ts';
import { all, counts, groups, labels, listed } from './table.ts';

export function Chips() {
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const isTyped = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (event.key === '/' && !isTyped && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search.current?.focus();
        search.current?.select();
      }
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return (
    <search class="chips">
      <label class="search">
        <span>{TEXTS.filter}</span>
        <input
          ref={search}
          type="search"
          value={filter.value.words}
          placeholder={TEXTS.filterHint}
          aria-keyshortcuts="/"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={({ currentTarget: { value } }) => setWords(value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              setWords('');
              event.currentTarget.blur();
            }
          }}
        />
        <kbd>/</kbd>
      </label>
      <Kinds kind="state" title={TEXTS.states} names={counts.value} />
      <Kinds kind="group" title={TEXTS.groups} names={groups.value} />
      <Kinds kind="label" title={TEXTS.labels} names={labels.value} />
      <output class="shown">
        {TEXTS.shown(listed.value.rows.length, all.value.length)}{' '}
        {filters.value && (
          <button type="button" class="quiet" onClick={clear}>
            {TEXTS.clearFilter}
          </button>
        )}
      </output>
    </search>
  );
}

/** Most chips of a kind; words find the others. */
const MOST = 60;

interface KindsProps {
  readonly kind: Kind;
  readonly title: string;
  readonly names: readonly (readonly [string, number])[];
}

function Kinds({ kind, names, title }: KindsProps) {
  const chosen = filter.value[kind];
  // Selected values that no longer exist can be deselected.
  const none = [...chosen].filter((name) => !names.some(([each]) => each === name)).map((name) => [name, 0] as const);
  const first = names.filter(([name], at) => at < MOST || chosen.has(name));
  const shown = [...first, ...none];
  return shown.length === 0 ? null : (
    <fieldset class={`kinds ${kind}`}>
      <legend>{title}</legend>
      {shown.map(([name, count]) => (
        <button
          key={name}
          type="button"
          aria-pressed={chosen.has(name)}
          class={kind === 'state' ? `chip mark ${toneOf(name as Condition)}` : 'chip'}
          onClick={() => toggle(kind, name)}
        >
          {kind === 'state' && <i aria-hidden="true" />}
          <b>{count}</b> {name}
        </button>
      ))}
      {first.length < names.length && <span>{TEXTS.more(names.length - first.length)}</span>}
    </fieldset>
  );
}
