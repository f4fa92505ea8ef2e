/** Follows a log from a position on, across rotation, deletion, truncation, and a change of its path. */
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
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
 * between two checks is missed. `log`: where it is now; after a HoldfastError (no log, no console) it is where it was.
 */
export async function* followLog(
  from: FollowFrom,
  log: () => LogFiles,
  clock: Clock,
  ended?: EndSignal,
): AsyncGenerator<Buffer> {
  let files = log();
  // By descriptor, not by name: the file may have been rotated meanwhile.
  let { file, position } = from;
  try {
    while (!ended?.aborted) {
      files = nowAt(log, files);
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

function nowAt(log: () => LogFiles, before: LogFiles): LogFiles {
  try {
    return log();
  } catch (error) {
    if (error instanceof HoldfastError) {
      return before;
    }
    throw error;
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
