/** The condition of a console: its state, or what its state alone would hide. The same for list, page and counts. Pure. */
import type { ConsoleSummary } from './api.ts';
import { compareNames } from './name-order.ts';
import { PROCESS_STATES, type ProcessState } from './process.ts';

export type Condition = ProcessState | 'flapping' | 'dark';

type Conditioned = Pick<ConsoleSummary, 'state' | 'kind' | 'flapping' | 'startTrouble'>;

export const CONDITION_MEANING = {
  flapping: 'up, but it was restarted by its policy within the last ten minutes',
  dark: 'a link that cannot be connected, and is tried again',
} as const satisfies Partial<Record<Condition, string>>;

export const CONDITIONS: readonly Condition[] = [...PROCESS_STATES, 'flapping', 'dark'];

/** Trouble first: what needs a person, then what comes and goes, then what is in progress, then what is up, then what is down on purpose. */
const URGENCY: readonly Condition[] = [
  ...(['failed', 'crash-looping', 'waiting', 'dark', 'flapping', 'stopping', 'starting'] as const),
  ...(['held', 'running', 'ready', 'stopped'] as const),
];

const TROUBLE: ReadonlySet<Condition> = new Set(['failed', 'crash-looping', 'waiting', 'dark', 'flapping']);

/** How bad it is, for colours and shapes: `bad` needs a person, `warn` is tried again, `busy` is in progress. */
export type Tone = 'bad' | 'warn' | 'held' | 'busy' | 'off' | 'good';

const TONES: Readonly<Record<Condition, Tone>> = {
  failed: 'bad',
  'crash-looping': 'bad',
  waiting: 'warn',
  dark: 'warn',
  flapping: 'warn',
  held: 'held',
  stopping: 'busy',
  starting: 'busy',
  stopped: 'off',
  running: 'good',
  ready: 'good',
};

/** `off` for a condition that a newer server may know. */
export function toneOf(condition: Condition): Tone {
  return TONES[condition] ?? 'off';
}

/** It is connected, not run. */
export function isLink({ kind }: Pick<ConsoleSummary, 'kind'>): boolean {
  return kind !== 'run' && kind !== 'none';
}

export function conditionOf({ state, kind, flapping, startTrouble }: Conditioned): Condition {
  if (isLink({ kind }) && startTrouble && (state === 'waiting' || state === 'starting')) {
    return 'dark';
  }
  return flapping && (state === 'starting' || state === 'running' || state === 'ready') ? 'flapping' : state;
}

/** Milliseconds since 1970. Of a link that is dark: since it is, not since the last attempt. */
export function sinceOf(console: ConsoleSummary): number {
  const { since, startTrouble } = console;
  return Date.parse(conditionOf(console) === 'dark' && startTrouble ? startTrouble.since : since);
}

/** Smaller is more urgent; conditions that mean "up" rank the same. */
export function urgency(condition: Condition): number {
  return Math.max(0, URGENCY.indexOf(condition === 'ready' ? 'running' : condition));
}

/** Trouble first, then by name. */
export function byUrgency(a: ConsoleSummary, b: ConsoleSummary): number {
  const logs = (console: ConsoleSummary) => (console.logTrouble === undefined ? 1 : 0);
  return urgency(conditionOf(a)) - urgency(conditionOf(b)) || logs(a) - logs(b) || byName(a, b);
}

export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareNames(a.name, b.name);
}

/** Something is wrong that nobody wanted. */
export function isTrouble(console: ConsoleSummary): boolean {
  return TROUBLE.has(conditionOf(console)) || console.logTrouble !== undefined;
}

/** It is down, and nobody wanted that. */
export function isFailing(condition: Condition): boolean {
  return condition !== 'flapping' && TROUBLE.has(condition);
}

/** How many there are of each: those that are up, then the most urgent first. */
export function countConditions(consoles: readonly ConsoleSummary[]): readonly (readonly [Condition, number])[] {
  const counts = new Map<Condition, number>();
  for (const console of consoles) {
    const condition = conditionOf(console);
    counts.set(condition, (counts.get(condition) ?? 0) + 1);
  }
  const rank = (condition: Condition) =>
    condition === 'ready' ? -2 : condition === 'running' ? -1 : urgency(condition);
  return [...counts].sort(([a], [b]) => rank(a) - rank(b));
}
