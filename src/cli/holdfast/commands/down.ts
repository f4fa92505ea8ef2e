import { HoldfastError } from '../../../model/errors.ts';
import { inTime } from '../../../platform/time/in-time.ts';
import type { Command } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { REASON_OPTION, reasonFor } from '../parts/reason.ts';
import { reportStopping } from '../parts/stopping-report.ts';
import { tell } from '../text/folded.ts';
import { startsAgain } from '../text/starts-again.ts';

/** Milliseconds for a server to end once the processes it had to stop have ended. */
const TIMEOUT_MS = 8000;

export const down: Command = {
  name: 'down',
  usage: '[--all]',
  summary: 'end the server; the processes go on, unless --all',
  help: 'With --all it says which processes it still waits for: on a terminal one line each, otherwise every few seconds.',
  options: [
    REASON_OPTION,
    { name: 'all', help: 'stop every process by its recipe, then end the holder too' },
    { name: 'yes', short: 'y', help: 'do not ask before --all' },
  ],
  completes: 'nothing',
  operands: [0, 0],
  async run(context) {
    const { io, client, clock, host, values } = context;
    const all = values.all === true;
    const { consoles, pid, service } = await client.version();
    if (all && !values.yes && io.interactive && !(await io.confirm(`stop all ${consoles} consoles and the holder?`))) {
      io.err('nothing was done\n');
      return EXIT.usage;
    }
    const reason = await reasonFor(context, 'down', 'server');
    // Asked while the server is there: afterwards only the manager knows, and it may be busy.
    const isHere = host === undefined;
    const [again, { watchEnd }] = await Promise.all([
      startsAgain(isHere ? service : undefined),
      import('../parts/server-end.ts'),
    ]);
    const refused = new AbortController();
    const { ended } = await watchEnd(client, isHere ? pid : undefined, refused.signal, clock);
    try {
      await client.down(all, reason);
    } catch (error) {
      // The server goes on; it is no longer followed.
      ended.catch(() => undefined);
      refused.abort();
      throw error;
    }
    if (all) {
      io.out('Stopping every process, then the holder.\n');
      const over = new AbortController();
      const report = reportStopping(context, over.signal);
      await ended.finally(() => over.abort());
      await report;
    } else {
      await inTime(clock, TIMEOUT_MS, ended, () => notEnded(pid));
    }
    await ended;
    const done = all ? 'All have ended.' : 'The server has ended; its processes go on.';
    tell(io, [[done, ...again].join(' ')]);
    return EXIT.ok;
  },
};

function notEnded(pid: number): HoldfastError {
  const text = `the server (pid ${pid}) was told to end and has not within ${TIMEOUT_MS / 1000} s; its processes go on`;
  return new HoldfastError('HF_NO_ANSWER', text);
}
