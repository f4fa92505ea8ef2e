/** Waits for the end of a process that is not our child but that of an earlier holder. */
import type { ExitStatus } from '../model/process.ts';
import { native } from '../platform/native.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import type { Clock } from '../platform/time/clock.ts';

const UNKNOWN: ExitStatus = { code: null, signal: null, coreDumped: false };
/**
 * Its new parent is systemd, which reaps it at once; before that the kernel does not report the exit
 * status.
 */
const RETRY_DELAY_MS = 10;
const TRIES = 200;
/** Milliseconds between checks if the kernel has no pidfds (Linux before 5.3). */
const POLL_INTERVAL_MS = 500;

export interface Foreign {
  readonly pid: number;
  readonly startTime: string;
  readonly pidfd?: number;
}

/** Calls `ended` once, with the kernel's report of the end. */
export function awaitForeignEnd(
  { pid, startTime, pidfd }: Foreign,
  clock: Clock,
  ended: (status: ExitStatus) => void,
): void {
  if (pidfd === undefined) {
    const look = (): void => {
      if (startTimeOf(pid) === startTime) {
        clock.after(POLL_INTERVAL_MS, look);
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
      clock.after(RETRY_DELAY_MS, () => ask(tries - 1));
    } else {
      ended(status ?? UNKNOWN);
    }
  };
  native.watchPidfd(pidfd, () => ask(TRIES));
}
