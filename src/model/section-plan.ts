/** The plan for a section of the configuration that a service follows as a whole, at once. Pure. */
import type { PlanStep } from './config.ts';

/** `section` as plans and the history call it, which no console can be named: `[access]`. `changed`: the keys that differ, as written. */
export function sectionPlan<T>(
  section: string,
  before: T | undefined,
  after: T | undefined,
  changed: (before: T, after: T) => readonly string[],
): PlanStep[] {
  if (before === undefined || after === undefined) {
    return before === after ? [] : [{ action: after === undefined ? 'remove' : 'add', console: section }];
  }
  const keys = [...changed(before, after)];
  return keys.length === 0 ? [] : [{ action: 'change', console: section, keys, effect: 'live' }];
}
