/**
 * The order of the tables (spec/conserver.md 1): what parses or compares them finds that of 8.2.7. It divides the consoles into groups of
 * so many, in the order of the file, and shows each group from its end. What a reload adds makes groups of its own, which come first;
 * behind them the others, that of the file's first console last.
 */

/** Members of a group where nothing else is said (`-m`). */
export const GROUP_MEMBERS = 16;

export class ListingOrder {
  readonly #members: number;
  /** Which group a console belongs to, by its name. */
  #groups: ReadonlyMap<string, object> = new Map();

  constructor(members = GROUP_MEMBERS) {
    this.#members = members;
  }

  /** `entries` in the order of the file, in that of the tables. A name keeps its group as long as it is there each time. */
  arrange<Entry extends { readonly record: { readonly name: string } }>(entries: readonly Entry[]): Entry[] {
    const known = this.#groups;
    const key = ({ record }: Entry): string => record.name.toLowerCase();
    const added = entries.filter((entry) => !known.has(key(entry)));
    const fresh = new Map<object, Entry[]>();
    for (let at = 0; at < added.length; at += this.#members) {
      fresh.set({}, added.slice(at, at + this.#members));
    }
    const older = new Map<object, Entry[]>();
    for (const entry of entries) {
      const group = known.get(key(entry));
      if (group !== undefined) {
        const members = older.get(group) ?? [];
        older.set(group, members);
        members.push(entry);
      }
    }
    const groups = [...fresh, ...[...older].reverse()];
    this.#groups = new Map(groups.flatMap(([group, members]) => members.map((entry) => [key(entry), group] as const)));
    return groups.flatMap(([, members]) => members.toReversed());
  }
}
