/** The search in the address: `#log?console=a&console=b&since=...&until=...&q=...`. Pure. */

/** The last hour, a shift of eight, a day, a week. */
export const LASTS = { '1h': 3_600_000, '8h': 28_800_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
export type Last = keyof typeof LASTS;

/** Lines of context around each match. */
export const CONTEXTS = [0, 3, 20] as const;

export interface LogQuery {
  /** Empty, with no groups: every log that may be read. */
  readonly consoles: readonly string[];
  readonly groups: readonly string[];
  readonly text: string;
  /** The text is a regular expression. */
  readonly isRegex: boolean;
  /** Match case. */
  readonly isCased: boolean;
  readonly context: (typeof CONTEXTS)[number];
  /** Milliseconds since 1970. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** Up to now; instead of the two above. */
  readonly last: Last | undefined;
  /** The lines around this time, whatever they say; `of`: the console of the line that was clicked. */
  readonly at: number | undefined;
  readonly of: string | undefined;
}

export function logQueryOf(query: string): LogQuery {
  const given = new URLSearchParams(query);
  const time = (name: string): number | undefined => {
    const value = given.get(name);
    const parsed = value === null ? Number.NaN : Date.parse(value);
    return Number.isNaN(parsed) ? undefined : parsed;
  };
  const context = Number(given.get('context'));
  const last = given.get('last') ?? '';
  return {
    consoles: [...new Set(given.getAll('console'))],
    groups: [...new Set(given.getAll('group'))],
    text: given.get('q') ?? '',
    isRegex: given.get('regex') === '1',
    isCased: given.get('case') === '1',
    context: CONTEXTS.find((each) => each === context) ?? 0,
    since: time('since'),
    until: time('until'),
    last: Object.hasOwn(LASTS, last) ? (last as Last) : undefined,
    at: time('at'),
    of: given.get('of') ?? undefined,
  };
}

export function textOf(query: LogQuery): string {
  const { at, consoles, context, groups, isCased, isRegex, last, of, since, text, until } = query;
  const iso = (name: string, time: number | undefined) =>
    time === undefined ? [] : [[name, new Date(time).toISOString()] as const];
  const pairs: readonly (readonly [string, string])[] = [
    ...consoles.map((name) => ['console', name] as const),
    ...groups.map((name) => ['group', name] as const),
    ...(text === '' ? [] : [['q', text] as const]),
    ...(isRegex ? [['regex', '1'] as const] : []),
    ...(isCased ? [['case', '1'] as const] : []),
    ...(context === 0 ? [] : [['context', String(context)] as const]),
    ...(last === undefined ? [...iso('since', since), ...iso('until', until)] : [['last', last] as const]),
    ...iso('at', at),
    ...(of === undefined ? [] : [['of', of] as const]),
  ];
  return new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString();
}

/** Whether it restricts the search: without text, console and time it would cover everything. */
export function asksSomething({ at, consoles, groups, last, since, text, until }: LogQuery): boolean {
  return (
    consoles.length + groups.length > 0 || [at, last, since, until].some((each) => each !== undefined) || text !== ''
  );
}
