/** Many names in few words. */
import { compareNames } from '../../../model/name-order.ts';

/** Fewer are shorter one by one. */
const LEAST = 3;

interface Run {
  readonly first: string;
  last: string;
  readonly names: string[];
}

/** In natural order; consecutive numbers at the end become a range: `vac-01 to vac-40`. */
export function nameRanges(names: readonly string[]): readonly string[] {
  const runs: Run[] = [];
  for (const name of [...names].sort(compareNames)) {
    const run = runs.at(-1);
    if (run && isNext(run.last, name)) {
      run.last = name;
      run.names.push(name);
    } else {
      runs.push({ first: name, last: name, names: [name] });
    }
  }
  return runs.flatMap((run) => (run.names.length < LEAST ? run.names : [`${run.first} to ${run.last}`]));
}

/** Whether it has the next number, written as that one is: `vac-10` after `vac-09`, `vac-10` after `vac-9`. */
function isNext(name: string, other: string): boolean {
  const digits = /\d{1,9}$/.exec(name)?.[0];
  if (digits === undefined) {
    return false;
  }
  const next = String(Number(digits) + 1).padStart(digits.length, '0');
  return other === `${name.slice(0, -digits.length)}${next}`;
}
