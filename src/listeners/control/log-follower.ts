/** What is added to a log from a position on, over rotation, deletion and truncation. */
import type { LogFile, LogFiles } from '../../model/host-port.ts';
import type { Clock } from '../../platform/time/clock.ts';

/** How often a log is looked at. Milliseconds. */
const LOOK = 200;
const BLOCK = 65536;

export interface FollowFrom {
  /** The file that was read so far, if there was one, and up to where; the follower closes it. */
  readonly file: LogFile | undefined;
  readonly position: number;
}

/**
 * Goes on until `ended`. A file that was rotated away is read to its end, then the ones after it. What was rotated away and
 * packed between two looks is lost to the follower.
 */
export async function* followLog(
  from: FollowFrom,
  files: LogFiles,
  clock: Clock,
  ended: AbortSignal,
): AsyncGenerator<Buffer> {
  // The descriptor and not the name: by now the file may have been rotated away.
  let { file, position } = from;
  try {
    while (!ended.aborted) {
      const now = await files.identify('');
      if (file) {
        const { size } = await file.status();
        position = size < position ? 0 : position;
        for await (const block of readOn(file, position)) {
          position += block.length;
          yield block;
        }
      }
      if (now === undefined || now === file?.found.identity) {
        await pause(clock, ended);
        continue;
      }
      // `now` was there before the old file was read to its end: the writer had left the old one.
      const suffix = await nextAfter(file?.found.identity, files);
      file?.close();
      file = undefined;
      file = await files.open(suffix).catch(() => undefined);
      position = 0;
      if (file === undefined) {
        // Not to be read, or away again: the next look may find another.
        await pause(clock, ended);
      }
    }
  } finally {
    file?.close();
  }
}

/** The file behind the one with this identity; the current one where that is gone or the last. */
async function nextAfter(identity: string | undefined, files: LogFiles): Promise<string> {
  // Twice, as a rotation between the list and a look at a file would hide it.
  for (let look = 0; look < 2 && identity !== undefined; look++) {
    const suffixes = await files.list();
    const identities = await Promise.all(suffixes.map((suffix) => files.identify(suffix)));
    const next = suffixes[identities.indexOf(identity) + 1];
    if (identities.includes(identity)) {
      return next === undefined || next.endsWith('.gz') ? '' : next;
    }
  }
  return '';
}

async function* readOn(file: LogFile, from: number): AsyncGenerator<Buffer> {
  for (let at = from; ; ) {
    const block = Buffer.allocUnsafe(BLOCK);
    const bytesRead = await file.read(block, at);
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
