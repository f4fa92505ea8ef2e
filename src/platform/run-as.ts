import { native } from './native.ts';

export interface Identity {
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
}

/** Ids for names or numbers. Only root can be somebody else: for others, and for unknown names, it is nobody in particular. */
export function identityOf({ user, group }: { readonly user?: string; readonly group?: string }): Identity {
  if (process.geteuid?.() !== 0) {
    return {};
  }
  const account =
    user === undefined ? undefined : /^\d+$/.test(user) ? native.userById(Number(user)) : native.userByName(user);
  const uid = account?.uid ?? (user !== undefined && /^\d+$/.test(user) ? Number(user) : undefined);
  const named = group === undefined ? undefined : /^\d+$/.test(group) ? Number(group) : native.groupByName(group);
  const gid = named ?? account?.gid;
  return {
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(account !== undefined && gid !== undefined && { groups: native.groupsOf(account.name, gid) }),
  };
}
