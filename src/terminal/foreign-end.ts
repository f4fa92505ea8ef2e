/** Waits for the end of a process that is not our child: one that an earlier holder started. */
import type { ExitStatus } from '../model/process.ts';
import { native } from '../platform/native.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import type { Clock } from '../platform/time/clock.ts';

const UNKNOWN: ExitStatus = { code: null, signal: null, coreDumped: false };
/** Its new parent is systemd, which asks at once how it ended; before that the kernel does not tell. Milliseconds. */
const AGAIN = 10;
const TRIES = 200;
/** Between two looks, where the kernel has no descriptors for processes (Linux before 5.3). Milliseconds. */
const LOOK = 500;

export interface Foreign {
  readonly pid: number;
  readonly startTime: string;
  readonly pidfd?: number;
}

/** Calls `ended` once, with what the kernel tells of the end. */
export function awaitForeignEnd(
  { pid, startTime, pidfd }: Foreign,
  clock: Clock,
  ended: (status: ExitStatus) => void,
): void {
  if (pidfd === undefined) {
    const look = (): void => {
      if (startTimeOf(pid) === startTime) {
        clock.after(LOOK, look);
      } else {
        ended(UNKNOWN);
      }
    };
    look();
    return;
  }
  const ask = (tries: number): void => {
    const status = native.pidfdExit(pidfd);
    if (status === null && tries > 0) {
      clock.after(AGAIN, () => ask(tries - 1));
    } else {
      ended(status ?? UNKNOWN);
    }
  };
  native.watchPidfd(pidfd, () => ask(TRIES));
}
