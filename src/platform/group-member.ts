import { native } from './native.ts';

/** Whether a user belongs to a group of the system, by its primary group too. */
export function inSystemGroup(user: string, group: string): boolean {
  const gid = native.groupByName(group);
  const account = native.userByName(user);
  return gid !== undefined && account !== undefined && native.groupsOf(user, account.gid).includes(gid);
}
