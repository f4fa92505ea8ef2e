/** Which consoles are listed: words, and chips of states, groups, labels. It is in the address. */
import { computed, effect, signal } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { conditionOf } from '../../src/model/condition.ts';
import { matches } from '../../src/model/console-match.ts';
import { replaceQuery, route } from '../route.ts';

export type Kind = 'state' | 'group' | 'label';

export interface Filter {
  readonly words: string;
  /** Of each kind: any of these; none: all. */
  readonly state: ReadonlySet<string>;
  readonly group: ReadonlySet<string>;
  readonly label: ReadonlySet<string>;
}

/** Of the list, also while a console is shown: the way back leads to the same list. */
const query = signal('');
effect(() => {
  const { value } = route;
  if (value.view === 'list') {
    query.value = value.query;
  }
});

export const filter = computed<Filter>(() => {
  const given = new URLSearchParams(query.value);
  const all = (kind: Kind) => new Set(given.getAll(kind));
  return { words: given.get('q') ?? '', state: all('state'), group: all('group'), label: all('label') };
});

/** Where the list is. */
export const listQuery = computed(() => queryOf(filter.value));

export const filters = computed(() => listQuery.value !== '');

export function setWords(words: string): void {
  replaceQuery('list', queryOf({ ...filter.peek(), words }));
}

export function toggle(kind: Kind, name: string): void {
  const before = filter.peek();
  const chosen = new Set(before[kind]);
  if (!chosen.delete(name)) {
    chosen.add(name);
  }
  replaceQuery('list', queryOf({ ...before, [kind]: chosen }));
}

export function clear(): void {
  replaceQuery('list', '');
}

export function isMeant(console: ConsoleSummary, { group, label, state, words }: Filter): boolean {
  return (
    (state.size === 0 || state.has(conditionOf(console))) &&
    (group.size === 0 || console.groups.some((each) => group.has(each))) &&
    (label.size === 0 || Object.entries(console.labels).some(([key, value]) => label.has(`${key}=${value}`))) &&
    (words === '' || matches(console, words))
  );
}

function queryOf({ group, label, state, words }: Filter): string {
  const all = [
    ...(words === '' ? [] : [['q', words] as const]),
    ...[...state].map((each) => ['state', each] as const),
    ...[...group].map((each) => ['group', each] as const),
    ...[...label].map((each) => ['label', each] as const),
  ];
  return new URLSearchParams(all.map((pair) => [...pair])).toString();
}
