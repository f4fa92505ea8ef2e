/** Why an errand failed, in words, and what to do about it. */
import { getSystemErrorMap } from 'node:util';
import type { FileAnswer } from '../native.ts';

/** `no space left on device`, as Node says it. */
export function errnoWords(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
}

/** `ENOSPC`. */
export function errnoCode(errno: number): string | undefined {
  return getSystemErrorMap().get(-errno)?.[0];
}

type Refusal = NonNullable<FileAnswer['refused']>;

const REFUSALS: Readonly<Record<Refusal, (where: string, owner: number) => string>> = {
  owner: (where, uid) =>
    `its folder ${where} belongs to uid ${uid}, who could put a link to any file in its place: chown it to root, or to the user of the console`,
  everybody: (where) => `everybody may write to its folder ${where}: chmod o-w ${where}`,
  group: (where, gid) => `group ${gid} may write to its folder ${where}: chmod g-w ${where}`,
  link: (where) => `${where} is a link in a folder that others than root may write to: set log.path to its target`,
  kind: (where) => `${where} is not a regular file, in a folder that others than root may write to`,
  names: (where) => `${where} has another name elsewhere (a hard link), in a folder that others than root may write to`,
  stranger: (where, uid) => `${where} belongs to uid ${uid}, in a folder that others than root may write to`,
  'no-file': () => 'no regular file',
  'no-group': () => 'the group of log.group does not exist',
  'not-our-group': () => 'we may not give it to the group of log.group',
};

export function diskWords(errno: number, answer?: FileAnswer): string {
  const { refused, where = '', owner = 0 } = answer ?? {};
  if (refused !== undefined) {
    return REFUSALS[refused](where, owner);
  }
  const code = errnoCode(errno);
  return code === undefined ? errnoWords(errno) : `${errnoWords(errno)} (${code})`;
}
