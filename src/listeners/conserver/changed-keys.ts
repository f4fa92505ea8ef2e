/** The keys of `[conserver]` that differ, as their author wrote them. Pure. */

import type { ConserverListener, ConserverRights } from '../../model/conserver-config.ts';
import { isSame } from '../../model/is-same.ts';

type Key = keyof ConserverListener;
type Words = (before: ConserverListener, after: ConserverListener) => readonly string[];

const KEYS: Readonly<Partial<Record<Key, string>>> = {
  ...{ groupPort: 'group_port', tlsRequired: 'tls_required', passwordFile: 'password_file' },
  ...{ remotes: 'remote', hostNames: 'host_names' },
};
/** Keys that a conserver.cf does not have. */
const NEVER_OF_CF: ReadonlySet<Key> = new Set(['cf', 'listen', 'consoles', 'everybody']);

const LISTS = ['rejected', 'trusted', 'allowed'] as const;
/** Access keys: these are named for a conserver.cf too. */
const OF_RIGHTS: Readonly<Partial<Record<Key, Words>>> = {
  hosts: (before, after) => {
    const of = ({ hosts }: ConserverListener, list: string) => hosts.filter(({ access }) => access === list);
    const lists = LISTS.filter((list) => !isSame(of(before, list), of(after, list)));
    // In a conserver.cf their order counts.
    return lists.length === 0 ? LISTS : lists;
  },
  everybody: (before, after) => differing(before.everybody, after.everybody),
  rights: () => ['rights'],
  admin: () => ['admin'],
  limited: () => ['limited'],
  details: (before, after) => {
    const words = [...new Set([...before.details.keys(), ...after.details.keys()])].flatMap((console) => {
      const [one, other] = [before.details.get(console), after.details.get(console)];
      return one && other ? differing(one, other) : [];
    });
    return [...new Set(words)].map((word) => (word === 'write' ? 'rw' : 'ro'));
  },
};

/** Keys as written; `cf` for settings from that file, with the lists of rights: `cf (admin, rw)`. */
export function changedKeys(before: ConserverListener, after: ConserverListener): string[] {
  const all = [...new Set([...Object.keys(before), ...Object.keys(after)])] as Key[];
  const changed = all.filter((key) => key !== 'place' && !isSame(before[key], after[key]));
  const isOfCf = (key: Key) => after.cf !== undefined && !NEVER_OF_CF.has(key);
  const own = changed
    .filter((key) => !isOfCf(key))
    .flatMap((key) => OF_RIGHTS[key]?.(before, after) ?? [KEYS[key] ?? key]);
  const ofCf = changed.filter(isOfCf);
  const lists = ofCf.flatMap((key) => OF_RIGHTS[key]?.(before, after) ?? []);
  const cf = ofCf.length === 0 ? [] : [lists.length === 0 ? 'cf' : `cf (${lists.join(', ')})`];
  return [...new Set([...own.filter((key) => key !== 'cf' || cf.length === 0), ...cf])];
}

function differing(before: ConserverRights, after: ConserverRights): string[] {
  return (['write', 'read'] as const).filter((key) => !isSame(before[key], after[key]));
}
