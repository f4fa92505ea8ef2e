/** All consoles, each a signal of its own, so that a change of one draws its row only; and which of them are listed, in which order. */
import { batch, computed, type Signal, signal } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { byName, conditionOf, countConditions, isFailing, urgency } from '../../src/model/condition.ts';
import type { FeedNews } from '../../src/model/feed.ts';
import { type Filter, filter, isMeant } from './filter.ts';
import { inOrder, type Ordered, rankOf } from './order.ts';

export interface Row {
  readonly name: string;
  readonly console: Signal<ConsoleSummary>;
  rank: number;
  isMeant: boolean;
}

const rows = new Map<string, Row>();
/** In the order of their names. */
let named: readonly Row[] = [];
/** The filter that the rows of the table were made with. */
let filtered: Filter | undefined;

/** Another one whenever the order has changed, or which are listed. */
const order = signal(0);
/** Another one whenever a condition, group or label has changed. */
const kinds = signal(0);

/** Changes with every message. */
export const news = signal(0);
/** Changes whenever rights may have changed: with a new feed, and when consoles come or go. */
export const subjects = signal(0);
let feed: string | undefined;

export const listed = computed<Ordered<Row>>(() => {
  order.value;
  if (filtered !== filter.value) {
    filtered = filter.value;
    for (const row of named) {
      row.isMeant = isMeant(row.console.peek(), filtered);
    }
  }
  return inOrder(named.filter((row) => row.isMeant));
});

export const all = computed<readonly ConsoleSummary[]>(() => {
  kinds.value;
  return named.map(({ console }) => console.peek());
});

/** The most urgent first. */
export const counts = computed(() => [...countConditions(all.value)].sort(([a], [b]) => urgency(a) - urgency(b)));

export const failing = computed(() => all.value.filter((console) => isFailing(conditionOf(console))).length);

/** How many consoles each has. */
export const groups = computed(() => tally(all.value.flatMap((console) => console.groups)));
export const labels = computed(() =>
  tally(all.value.flatMap((console) => Object.entries(console.labels).map(([key, value]) => `${key}=${value}`))),
);

/** Undefined: there is none, as far as is known. */
export function consoleNamed(name: string): Signal<ConsoleSummary> | undefined {
  order.value;
  return rows.get(name)?.console;
}

export function apply(next: FeedNews): void {
  batch(() => {
    const changed = next.type === 'table' ? next.consoles : next.changed;
    const gone = next.type === 'table' ? goneFrom(next.consoles) : next.gone.filter((name) => rows.has(name));
    for (const name of gone) {
      rows.delete(name);
    }
    const differs = changed.map(applyOne);
    const isOther = gone.length > 0 || differs.includes('new');
    if (isOther) {
      named = [...rows.values()].sort(byName);
    }
    if (isOther || feed !== next.feed) {
      feed = next.feed;
      subjects.value++;
    }
    news.value++;
    if (isOther || differs.includes('order')) {
      order.value++;
    }
    if (isOther || differs.includes('order') || differs.includes('kind')) {
      kinds.value++;
    }
  });
}

/** The parts of the list that have changed. */
function applyOne(console: ConsoleSummary): 'new' | 'order' | 'kind' | undefined {
  const row = rows.get(console.name);
  const rank = rankOf(console);
  const meant = isMeant(console, filter.peek());
  if (!row) {
    rows.set(console.name, { name: console.name, console: signal(console), rank, isMeant: meant });
    return 'new';
  }
  const before = row.console.peek();
  const isOrder = row.rank !== rank || row.isMeant !== meant;
  row.rank = rank;
  row.isMeant = meant;
  row.console.value = console;
  const isKind =
    conditionOf(before) !== conditionOf(console) ||
    before.groups.join('\n') !== console.groups.join('\n') ||
    JSON.stringify(before.labels) !== JSON.stringify(console.labels);
  return isOrder ? 'order' : isKind ? 'kind' : undefined;
}

function goneFrom(consoles: readonly ConsoleSummary[]): readonly string[] {
  const there = new Set(consoles.map(({ name }) => name));
  return [...rows.keys()].filter((name) => !there.has(name));
}

function tally(names: readonly string[]): readonly (readonly [string, number])[] {
  const found = new Map<string, number>();
  for (const name of names) {
    found.set(name, (found.get(name) ?? 0) + 1);
  }
  return [...found].sort(([a], [b]) => byName({ name: a }, { name: b }));
}
