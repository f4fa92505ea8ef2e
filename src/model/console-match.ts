/** Which consoles a filter means that somebody types over a list of them. Pure. */
import type { ConsoleSummary } from './api.ts';
import { conditionOf } from './condition.ts';

/**
 * Whether each word of the filter is in the name, the description, a group, a label (`area=north`), the state or the last line; letters of
 * either case are one.
 */
export function matches(console: ConsoleSummary, filter: string): boolean {
  const { description, groups, labels, lastLine, name, state } = console;
  const labelled = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const text = [name, description, ...groups, ...labelled, state, conditionOf(console), lastLine]
    .join('\n')
    .toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
