/** A range of a log, and what is written after it. */
import type { EndSignal } from '../model/end-signal.ts';
import type { LogFiles, LogQuery, LogRange } from '../model/host-port.ts';
import type { Clock } from '../platform/time/clock.ts';
import { followLog } from './log-follower.ts';
import { closeParts, findTail, type LogPart, openParts } from './log-parts.ts';
import { inLogProcess, mustHaveRoom } from './log-process.ts';
import { readRange } from './log-range.ts';

export interface Reading {
  readonly clock: Clock;
  readonly ended?: EndSignal | undefined;
  /** Called for each file that is opened; what it throws ends the reading. */
  readonly mustKeep?: (fd: number) => void;
}

/** Throws what `log` throws, and HF_NO_LOG if a file cannot be read. `log`: where it is now, called again while it is followed. */
export async function* readLog(
  log: () => LogFiles,
  { follow = false, ...range }: LogQuery,
  { clock, ended, mustKeep = () => undefined }: Reading,
): AsyncGenerator<Buffer> {
  const parts = await openParts(log(), mustKeep);
  // The current file stays open for the follower.
  const current = follow && parts.at(-1)?.suffix === '' ? parts.at(-1) : undefined;
  let following = false;
  try {
    yield* (await isCheap(parts, range)) ? readRange(parts, range) : elsewhere(parts, range, ended);
    following = follow;
  } finally {
    closeParts(following ? parts.filter((part) => part !== current) : parts);
  }
  if (follow) {
    yield* followLog({ file: current?.file, position: current?.size ?? 0 }, log, clock, ended);
  }
}

/** Throws HF_BUSY if the range cannot be read now. */
export async function mustBeReadable(parts: readonly LogPart[], range: LogRange): Promise<void> {
  if (!(await isCheap(parts, range))) {
    mustHaveRoom();
  }
}

/** Whether nothing has to be unpacked or judged line by line to find the range. */
async function isCheap(parts: readonly LogPart[], { since, tail, until }: LogRange): Promise<boolean> {
  if (since !== undefined || until !== undefined) {
    return false;
  }
  if (!parts.some(({ packed }) => packed)) {
    return true;
  }
  let wanted = tail ?? 0;
  for (let at = parts.length - 1; at >= 0 && wanted > 0; at--) {
    const part = parts[at] as LogPart;
    if (part.packed) {
      return false;
    }
    wanted -= (await findTail(part, wanted)).found;
  }
  return true;
}

/** Where it delays nobody. */
function elsewhere(parts: readonly LogPart[], range: LogRange, ended?: EndSignal): AsyncGenerator<Buffer> {
  const fds = parts.map(({ file }) => file.fd);
  return inLogProcess({ kind: 'range', parts: parts.map(({ file: _, ...part }) => part), range }, fds, ended);
}
