/** The consoles side by side, in the address: `#side?console=a&console=b&large=a`. Pure. */

/** Each costs a connection and a terminal. */
export const MOST_SIDES = 9;

export interface Sides {
  readonly names: readonly string[];
  /** Those above the limit. */
  readonly leftOut: readonly string[];
  /** The enlarged one. */
  readonly large: string | undefined;
}

export function sidesOf(query: string): Sides {
  const given = new URLSearchParams(query);
  const names = [...new Set(given.getAll('console'))].filter((name) => name !== '');
  const shown = names.slice(0, MOST_SIDES);
  return { names: shown, leftOut: names.slice(MOST_SIDES), large: shown.find((name) => name === given.get('large')) };
}

export function sidesText({ large, names }: Pick<Sides, 'names' | 'large'>): string {
  const pairs = names.map((name): [string, string] => ['console', name]);
  return new URLSearchParams(
    large !== undefined && names.includes(large) ? [...pairs, ['large', large]] : pairs,
  ).toString();
}

/** Columns of the grid for this many. */
export function columnsFor(count: number): number {
  return count <= 1 ? 1 : count <= 4 ? 2 : 3;
}

/** Where an arrow key leads from `at` in a grid of `count` items. */
export function neighbour(at: number, key: string, count: number, columns: number): number | undefined {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  const next = at + (step ?? Number.NaN);
  return next >= 0 && next < count ? next : undefined;
}
