import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';

/** More than a pipe holds. */
const ROOM_BYTES = 1 << 20;

/** Reads the content of a FIFO, without waiting for more. */
function empty(path: string): void {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    readSync(reader, Buffer.alloc(ROOM_BYTES));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
  } finally {
    closeSync(reader);
  }
}

/**
 * A FIFO that is read and written by us: a write of more than 64 KiB stalls until it is read. At the end of the test a
 * thread that still hangs in it is released; up to 128 KiB.
 */
export function stallable(t: TestContext, path: string): { readonly fd: number; read(bytes: number): void } {
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const fd = openSync(path, constants.O_RDWR);
  atEnd(t, () => closeSync(fd));
  atEnd(t, () => empty(path));
  const room = Buffer.alloc(ROOM_BYTES);
  return { fd, read: (bytes) => void readSync(fd, room, 0, bytes, null) };
}
