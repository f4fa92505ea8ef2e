/**
 * Waits for the end of a server without a new connection, which would make systemd start the next server through its
 * socket.
 */
import { PASSING } from '../../../client/passing.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { HostClient } from '../../../model/host-port.ts';
import { startTimeOf, stateOf } from '../../../platform/process/proc.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import { pause } from '../../../platform/time/pause.ts';

/**
 * Milliseconds: the longest time between a server's last answer and the end of its process, and the polling interval.
 */
const LAST_STEPS = 5000;
const POLL_INTERVAL = 10;

/**
 * Follows the server from now on (`pid`: of its process, if that is on this machine), until `left`. The promise resolves when it answers nobody any more and its process, where that can be seen
 * from here, has ended.
 */
export async function watchEnd(
  client: HostClient,
  pid: number | undefined,
  left: AbortSignal,
  clock: Clock,
): Promise<{ readonly ended: Promise<void> }> {
  const begun = pid === undefined ? undefined : startTimeOf(pid);
  const events = client.followEvents({ limit: 1 }, left)[Symbol.asyncIterator]();
  // The first event is there already: with it the server has this connection.
  await events.next();
  const last = async (): Promise<void> => {
    try {
      while (!(await events.next()).done) {
        // Events in the meantime are in the history.
      }
    } catch (error) {
      const passing = error instanceof HoldfastError && PASSING.has(error.code);
      if (!passing && (error as NodeJS.ErrnoException).code !== 'ECONNRESET') {
        throw error;
      }
    }
    const limit = clock.monotonic() + LAST_STEPS;
    // The pid of a server in another container means nothing here, or something else.
    const lives = (): boolean =>
      pid !== undefined && begun !== undefined && startTimeOf(pid) === begun && stateOf(pid) !== 'Z';
    while (!left.aborted && lives() && clock.monotonic() < limit) {
      await pause(clock, POLL_INTERVAL);
    }
  };
  return { ended: last() };
}
