/** Resolves a console name (spec/conserver.md 2.4). */

export interface Findable {
  readonly name: string;
  readonly aliases: readonly string[];
  /** The server that has it; absent: this one. */
  readonly master?: string;
}

export type Found<Entry> =
  | { readonly kind: 'one'; readonly entry: Entry }
  /** `names`: those with this beginning, each entry's own name first. */
  | { readonly kind: 'several'; readonly entries: readonly Entry[]; readonly names: readonly string[] }
  | { readonly kind: 'none' };

export interface LookupRules {
  /** Beginnings of names count if no whole name matches. */
  readonly autocomplete: boolean;
  /** Without it a console of ours wins over those of other servers. */
  readonly redirect: boolean;
}

/** Whole names and aliases first, then beginnings; without regard to case; local ones before remote ones. */
export function findConsole<Entry extends Findable>(
  entries: readonly Entry[],
  name: string,
  rules: LookupRules,
): Found<Entry> {
  const wanted = name.toLowerCase();
  const ordered = [...entries.filter(isLocal), ...entries.filter((entry) => !isLocal(entry))];
  const whole = ordered.find((entry) => names(entry).includes(wanted));
  if (whole !== undefined) {
    return { kind: 'one', entry: whole };
  }
  const begun = rules.autocomplete
    ? ordered.filter((entry) => names(entry).some((other) => other.startsWith(wanted)))
    : [];
  const local = begun.filter(isLocal);
  const candidates = !rules.redirect && local.length > 0 ? local : begun;
  const [first] = candidates;
  if (first === undefined) {
    return { kind: 'none' };
  }
  if (candidates.length === 1) {
    return { kind: 'one', entry: first };
  }
  const fitting = candidates
    .flatMap((entry) => [entry.name, ...entry.aliases.toReversed()])
    .filter((other) => other.toLowerCase().startsWith(wanted));
  return { kind: 'several', entries: candidates, names: fitting };
}

function isLocal(entry: Findable): boolean {
  return entry.master === undefined;
}

function names({ name, aliases }: Findable): string[] {
  return [name, ...aliases].map((text) => text.toLowerCase());
}
