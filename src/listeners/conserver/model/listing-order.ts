/**
 * The order of the tables (spec/conserver.md 1), as in 8.2.7 for programs that parse or compare them: consoles are
 * divided into groups of a fixed size, in the order of the file, and each group is shown from its end. Consoles added
 * by a reload form groups of their own, which come first; the group of the file's first console comes last.
 */

/** Default number of members of a group (`-m`). */
export const GROUP_MEMBERS = 16;

export class ListingOrder {
  readonly #members: number;
  /** Which group a console belongs to, by its name. */
  #groups: ReadonlyMap<string, object> = new Map();

  constructor(members = GROUP_MEMBERS) {
    this.#members = members;
  }

  /**
   * Arranges `entries` from the order of the file to that of the tables. A name keeps its group as long as it is
   * present each time.
   */
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
