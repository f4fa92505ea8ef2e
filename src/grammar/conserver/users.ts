/** User lists: names, `!name`, `@system-group`, `*`, and `group` blocks inlined (spec/conserver.md 4.2). */
import type { UserEntry, UserList } from './records.ts';
import { parseList } from './values.ts';

/** `group` blocks so far, by name. */
export type UserGroups = ReadonlyMap<string, UserList>;

/** Adds a list to `to`; the empty value clears it. A name that comes again replaces its earlier entry. Returns the faults. */
export function addUsers(to: UserEntry[], text: string, groups: UserGroups): string[] {
  const faults: string[] = [];
  if (text === '') {
    to.length = 0;
  }
  const entries: UserEntry[] = [];
  for (const word of parseList(text)) {
    const allowed = !word.startsWith('!');
    const name = allowed ? word : word.slice(1);
    if (name === '' || name === '@' || name.startsWith('!')) {
      faults.push(`\`${word}' names nobody`);
      continue;
    }
    const group = groups.get(name);
    for (const entry of group ?? [{ name, allowed }]) {
      entries.push(group !== undefined && !allowed ? reverse(entry) : entry);
    }
  }
  mergeUsers(to, entries);
  return faults;
}

/** Appends entries; each replaces an earlier one of its name. */
export function mergeUsers(to: UserEntry[], entries: UserList): void {
  const byName = new Map<string, UserEntry>();
  for (const entry of [...to, ...entries]) {
    byName.delete(entry.name);
    byName.set(entry.name, entry);
  }
  to.length = 0;
  for (const entry of byName.values()) {
    to.push(entry);
  }
}

/** Whether the list lets a user in: the latest entry for the name or one of the system groups, otherwise `*`. */
export function listAllows(list: UserList, user: string, inSystemGroup: (group: string) => boolean): boolean {
  const own = list.findLast(({ name }) =>
    name.startsWith('@') ? inSystemGroup(name.slice(1)) : name === user && name !== '*',
  );
  return (own ?? list.find(({ name }) => name === '*'))?.allowed ?? false;
}

function reverse(entry: UserEntry): UserEntry {
  return { name: entry.name, allowed: !entry.allowed };
}
