/** The order of the list, as `byUrgency` has it; for ten thousand rows of which one has changed. Pure. */
import type { ConsoleSummary } from '../../src/model/api.ts';
import { conditionOf, urgency } from '../../src/model/condition.ts';

/** Rows of what needs a person, or comes and goes, are large: they come first. */
const LARGEST_OF_LARGE = rank(urgency('flapping'), false);

export interface Ranked {
  /** Smaller comes first; those of one rank are in the order of their names. */
  readonly rank: number;
}

export interface Ordered<R extends Ranked> {
  readonly rows: readonly R[];
  /** How many of them, from the first, are large. */
  readonly large: number;
}

export function rankOf(console: ConsoleSummary): number {
  return rank(urgency(conditionOf(console)), console.logTrouble !== undefined);
}

/** `named`: in the order of their names. */
export function inOrder<R extends Ranked>(named: Iterable<R>): Ordered<R> {
  const ranks: R[][] = [];
  for (const row of named) {
    const same = ranks[row.rank];
    if (same) {
      same.push(row);
    } else {
      ranks[row.rank] = [row];
    }
  }
  const rows = ranks.flat();
  const small = rows.findIndex(({ rank: each }) => each > LARGEST_OF_LARGE);
  return { rows, large: small < 0 ? rows.length : small };
}

/** Trouble with the log comes first among its like. */
function rank(urgent: number, logTrouble: boolean): number {
  return urgent * 2 + (logTrouble ? 0 : 1);
}
