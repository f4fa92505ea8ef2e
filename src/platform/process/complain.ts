/** Messages of a long-running program on its standard error. */
import { bytesOf } from '../../model/byte-text.ts';
import { native } from '../native.ts';

const STDERR = 2;

/**
 * Writes without blocking, or not at all: our parent may be gone (EPIPE, EIO), its disk full (ENOSPC) or its pipe
 * unread, and none of that may end or stop us. `process.stderr` ends a process for the first two, blocks on the last,
 * and reopens a terminal.
 */
export function complain(text: string | Uint8Array): void {
  sayNow(STDERR, text);
}

/** The same on any descriptor. */
export function sayNow(fd: number, text: string | Uint8Array): void {
  let rest = typeof text === 'string' ? bytesOf(text) : text;
  for (let taken = 1; taken > 0 && rest.length > 0; rest = rest.subarray(taken)) {
    taken = native.offer(fd, rest);
  }
}
