/** What a program that runs for long says on its standard error. */
import { bytesOf } from '../../model/byte-text.ts';
import { native } from '../native.ts';

const STDERR = 2;

/**
 * Says it if somebody takes it at once: whoever started us may be gone (EPIPE, EIO), its disk full (ENOSPC), or its pipe not
 * read by anybody, and none of that is to end or to stop us. `process.stderr` ends a process for the first two, waits for the
 * last, and opens a terminal anew for itself.
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
