/** What is added to a log from a position on, over rotation, deletion and truncation. */
import { type FileHandle, stat } from 'node:fs/promises';
import type { Clock } from '../../platform/clock.ts';
import { openLogFile } from './log-parts.ts';

/** How often a log is looked at. Milliseconds. */
const LOOK = 200;
const BLOCK = 65536;

export interface FollowFrom {
  readonly path: string;
  /** The file that was read so far, if there was one, and up to where; the follower closes it. */
  readonly handle: FileHandle | undefined;
  readonly position: number;
}

/**
 * Goes on until `ended`. `files` lists the log's files, oldest first: a file that was rotated away is read to its end, then the
 * ones after it. What was rotated away and packed between two looks is lost to the follower.
 */
export async function* followLog(
  from: FollowFrom,
  files: () => Promise<readonly string[]>,
  clock: Clock,
  ended: AbortSignal,
): AsyncGenerator<Buffer> {
  // The descriptor and not the name: by now the file may have been rotated away.
  let { handle, position } = from;
  let inode = (await handle?.stat())?.ino;
  try {
    while (!ended.aborted) {
      const now = await inodeOf(from.path);
      if (handle) {
        const { size } = await handle.stat();
        position = size < position ? 0 : position;
        for await (const block of readOn(handle, position)) {
          position += block.length;
          yield block;
        }
      }
      if (now === undefined || now === inode) {
        await pause(clock, ended);
        continue;
      }
      // `now` was there before the old file was read to its end: the writer had left the old one.
      const path = await nextAfter(inode, from.path, files);
      await handle?.close();
      handle = await openLogFile(path).catch(() => undefined);
      inode = (await handle?.stat())?.ino;
      position = 0;
    }
  } finally {
    await handle?.close();
  }
}

/** The file behind the one with this inode; the current one where that is gone or the last. */
async function nextAfter(
  inode: number | undefined,
  current: string,
  files: () => Promise<readonly string[]>,
): Promise<string> {
  // Twice, as a rotation between the list and a look at a file would hide it.
  for (let look = 0; look < 2 && inode !== undefined; look++) {
    const paths = await files();
    const inodes = await Promise.all(paths.map(inodeOf));
    const next = paths[inodes.indexOf(inode) + 1];
    if (inodes.includes(inode)) {
      return next === undefined || next.endsWith('.gz') ? current : next;
    }
  }
  return current;
}

async function inodeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );
}

async function* readOn(handle: FileHandle, from: number): AsyncGenerator<Buffer> {
  for (let at = from; ; ) {
    const block = Buffer.allocUnsafe(BLOCK);
    const { bytesRead } = await handle.read(block, 0, BLOCK, at);
    if (bytesRead === 0) {
      return;
    }
    at += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

function pause(clock: Clock, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      timer.cancel();
      ended.removeEventListener('abort', over);
      resolve();
    };
    const timer = clock.after(LOOK, over);
    ended.addEventListener('abort', over, { once: true });
  });
}
