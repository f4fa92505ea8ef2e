/** Checks the values of one table beyond their form: each mistake is reported once, where it is written. Pure. */
import type { ConfigProblem } from '../../model/config.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { CONSOLE_KEYS } from '../../model/keys/console-keys.ts';
import { type ConsoleKey, SOURCES, type SourceKind, type Tell } from '../../model/keys/record.ts';
import type { PlacedTable } from './tables.ts';

const RECORDS = Object.entries(CONSOLE_KEYS) as readonly (readonly [key: keyof ConsoleTable, record: ConsoleKey])[];

/** Removes wrong values from the table. `own`: the table of a console, not of defaults or a template. */
export function valueProblems(placed: PlacedTable<ConsoleTable>, own: boolean): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { table } = placed;
  const dropped = new Set<string>();
  const tellOf = (key: keyof ConsoleTable): Tell => {
    return (path, message) => {
      problems.push(placed.problem([key, ...path], message));
      dropped.add(key);
    };
  };
  const [source, second] = SOURCES.filter((key) => table[key] !== undefined);
  for (const [key, { check, kernel }] of RECORDS) {
    const value = table[key];
    if (value !== undefined) {
      check?.(value, tellOf(key), own ? source : undefined);
      if (kernel && JSON.stringify(value).includes('\\u0000')) {
        tellOf(key)([], 'there is a NUL character in it, which the kernel does not take');
      }
    }
  }
  if (source !== undefined && second !== undefined) {
    tellOf(second)([], `a console has one source, and '${source}' is given too; remove one of them`);
  }
  if (source !== undefined && own) {
    foreignKeys(table, source, tellOf);
  }
  for (const key of dropped) {
    placed.drop(key);
  }
  return problems;
}

/** Keys without effect on this kind of source are mistakes from copied lines. */
function foreignKeys(table: ConsoleTable, source: SourceKind, tellOf: (key: keyof ConsoleTable) => Tell): void {
  for (const [key, { only }] of RECORDS) {
    if (only !== undefined && only !== source && table[key] !== undefined) {
      tellOf(key)([], `only a console with '${only}' has this; the source here is '${source}'`);
    }
  }
}
