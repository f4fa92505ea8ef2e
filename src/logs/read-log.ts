/** A range of a log, and what is written after it. */
import type { EndSignal } from '../model/end-signal.ts';
import type { LogFiles, LogQuery } from '../model/host-port.ts';
import type { Clock } from '../platform/time/clock.ts';
import { followLog } from './log-follower.ts';
import { closeParts, openParts } from './log-parts.ts';
import { readRange } from './log-range.ts';

export interface Reading {
  readonly clock: Clock;
  readonly ended?: EndSignal | undefined;
  /** Called for each file that is opened; what it throws ends the reading. */
  readonly mustKeep?: (fd: number) => void;
}

/** Throws HF_NO_LOG if a file cannot be read. */
export async function* readLog(
  files: LogFiles,
  { follow = false, ...range }: LogQuery,
  { clock, ended, mustKeep = () => undefined }: Reading,
): AsyncGenerator<Buffer> {
  const parts = await openParts(files, mustKeep);
  // The current file stays open for the follower.
  const current = follow && parts.at(-1)?.suffix === '' ? parts.at(-1) : undefined;
  let following = false;
  try {
    yield* readRange(parts, range);
    following = follow;
  } finally {
    closeParts(following ? parts.filter((part) => part !== current) : parts);
  }
  if (follow) {
    yield* followLog({ file: current?.file, position: current?.size ?? 0 }, files, clock, ended);
  }
}
