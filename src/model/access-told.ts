/** Reads the answer to `GET /v1/access`. Pure. */
import type { AccessInfo, AccessRights } from './api.ts';
import { RIGHT_NAMES, type Right, VERBS, type Verb, type VerbRow, withIncluded } from './rights.ts';

/** Whether a rule requires a reason for an action; `forbidden`: no rule gives the right. */
export type ReasonWanted = 'asked' | 'required' | 'forbidden' | undefined;

const RANK = { none: 0, asked: 1, required: 2 } as const;

/**
 * On these consoles, or the server itself: what the strictest of them wants; of several rules that give a right the least strict one
 * decides. Consoles on which it is forbidden count only where it is on all of them.
 */
export function reasonWanted(info: AccessInfo, verb: Verb, consoles: readonly string[] | 'server'): ReasonWanted {
  const { right }: VerbRow = VERBS[verb];
  if (right === undefined) {
    return undefined;
  }
  const chosen = consoles === 'server' ? undefined : new Set(consoles);
  const ranks = info.rights
    .filter((row) => (chosen ? row.consoles.some((name) => chosen.has(name)) : row.server))
    .map(({ grants }) => grants.filter(({ may }) => withIncluded(may).has(right)))
    .filter((grants) => grants.length > 0)
    .map((grants) => Math.min(...grants.map(({ rule }) => RANK[info.rules[rule]?.reason ?? 'none'])));
  if (ranks.length === 0 && info.governed && !info.unlimited) {
    return 'forbidden';
  }
  const most = Math.max(0, ...ranks);
  return most === RANK.required ? 'required' : most === RANK.asked ? 'asked' : undefined;
}

/** The rights of a person on each console, indexed: there may be ten thousand. */
export function rightsByConsole(info: AccessInfo): (console: string) => ReadonlySet<Right> {
  const { bound, rights, unlimited } = info;
  if (unlimited) {
    const all = bound ? withIncluded(bound) : new Set(RIGHT_NAMES);
    return () => all;
  }
  const sets = new Map<string, ReadonlySet<Right>>();
  for (const row of rights) {
    const set = rightsOf(row);
    for (const name of row.consoles) {
      sets.set(name, set);
    }
  }
  const none: ReadonlySet<Right> = new Set();
  return (console) => sets.get(console) ?? none;
}

function rightsOf({ grants }: AccessRights): ReadonlySet<Right> {
  return withIncluded(grants.flatMap(({ may }) => may));
}
