/** The cgroup (v2) in which this process was started, if the service manager has delegated it to us: `Delegate=yes`. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { native } from '../native.ts';

export type OwnCgroup = { readonly path: string } | { readonly missing: string };

/** systemd marks delegated cgroups (since 237; with the second attribute since 251, also by user managers). */
const MARKS = ['trusted.delegate', 'user.delegate'];

/** The folder that we may subdivide, or why there is none. `managed`: we are the main process of a service. */
export function delegatedCgroup(managed: boolean): OwnCgroup {
  const path = ownPath();
  if (path === undefined) {
    return { missing: 'this machine has no cgroup v2' };
  }
  // With `DelegateSubgroup=` the mark is on the folder above ours.
  const marked = [path, dirname(path)].find((each) => MARKS.some((mark) => native.fileAttribute(each, mark) === '1'));
  if (marked !== undefined) {
    return { path: marked };
  }
  return managed && isOfUser(path)
    ? { path }
    : { missing: 'the holder has no cgroup to divide: it is not a service of systemd with Delegate=yes' };
}

/** A user manager cannot set the mark (systemd before 254), but its whole tree belongs to the user. */
function isOfUser(path: string): boolean {
  try {
    accessSync(join(path, 'cgroup.subtree_control'), constants.W_OK);
    return process.geteuid?.() !== 0 && path.endsWith('.service');
  } catch {
    return false;
  }
}

/** The path of our cgroup in the file system; undefined if no mount shows it. */
export function ownPath(): string | undefined {
  try {
    const cgroup = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const [, , , root, folder] = mounts.find((line) => line.includes(' - cgroup2 '))?.split(' ') ?? [];
    if (cgroup === undefined || root === undefined || folder === undefined) {
      return undefined;
    }
    const below = relative(root, cgroup);
    return below.startsWith('..') ? undefined : join(folder, below);
  } catch {
    return undefined;
  }
}
