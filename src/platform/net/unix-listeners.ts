/** Finds out who listens on a unix socket without connecting, which the listener would see as a client. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** `__SO_ACCEPTCON` in the column of flags. */
const LISTENS = 0x10000;
/** Slot, reference count, protocol, flags, type, state, inode, and the name as it was bound (proc(5)). */
const LINE = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/gm;

/**
 * The name of a socket that was bound in an opened folder (platform/files/folder.ts): the folder itself is not
 * recorded.
 */
const BY_DESCRIPTOR = /^\/proc\/self\/fd\/\d+\/([^/]+)$/;

/** Inodes of the sockets that listen under this name; none if unknown. */
export function listenersOn(path: string): readonly string[] {
  let table: string;
  try {
    table = readFileSync('/proc/net/unix', 'utf8');
  } catch {
    return [];
  }
  return Array.from(table.matchAll(LINE))
    .filter(
      ([, flags, , name]) => isNamed(name as string, path) && (Number.parseInt(flags as string, 16) & LISTENS) !== 0,
    )
    .map(([, , inode]) => inode as string);
}

function isNamed(name: string, path: string): boolean {
  return name === path || BY_DESCRIPTOR.exec(name)?.[1] === basename(path);
}
