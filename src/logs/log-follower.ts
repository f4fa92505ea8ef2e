/** Follows a log from a position on, across rotation, deletion and truncation. */
import type { EndSignal } from '../model/end-signal.ts';
import type { LogFile, LogFiles } from '../model/host-port.ts';
import type { Clock } from '../platform/time/clock.ts';
import { pause } from '../platform/time/pause.ts';

/** Milliseconds between checks of a log. */
const LOOK = 200;
const BLOCK = 65536;

export interface FollowFrom {
  /** The file read so far, if any, and the position; the follower closes it. */
  readonly file: LogFile | undefined;
  readonly position: number;
}

/**
 * Runs until `ended`. A rotated file is read to its end, then the ones after it. A file rotated and compressed
 * between two checks is missed.
 */
export async function* followLog(
  from: FollowFrom,
  files: LogFiles,
  clock: Clock,
  ended?: EndSignal,
): AsyncGenerator<Buffer> {
  // By descriptor, not by name: the file may have been rotated meanwhile.
  let { file, position } = from;
  try {
    while (!ended?.aborted) {
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
        await pause(clock, LOOK, ended);
        continue;
      }
      // `now` existed before the old file was read to its end: the writer had left the old one.
      const suffix = await nextAfter(file?.found.identity, files);
      file?.close();
      file = undefined;
      file = await files.open(suffix).catch(() => undefined);
      position = 0;
      if (file === undefined) {
        // Unreadable, or gone again: the next check may find another.
        await pause(clock, LOOK, ended);
      }
    }
  } finally {
    file?.close();
  }
}

/** The file after the one with this identity; the current one if that is gone or the last. */
async function nextAfter(identity: string | undefined, files: LogFiles): Promise<string> {
  // Twice, since a rotation between the listing and the check of a file would hide it.
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
