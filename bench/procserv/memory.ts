import { setTimeout as delay } from 'node:timers/promises';
import { interleave } from '../lib/interleave.ts';
import { processTree, proportionalMegabytes } from '../lib/memory.ts';
import { sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import type { Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { Readers } from './readers.ts';
import { type Server, startServer } from './server.ts';

/** Milliseconds. Every five seconds ours checks whether it is at rest, and frees memory that only the start needed. */
const SETTLED = 7000;

/** Megabytes of the server's own processes once it has come to rest. */
async function atRest({ pid, childPid }: Server): Promise<number> {
  await delay(SETTLED);
  return sum(processTree(pid, [childPid]).map(proportionalMegabytes));
}

/** Memory (PSS, without the child) with an idle child and no or ten clients attached. */
export async function memory(settings: Settings): Promise<Row[]> {
  const rounds = settings.quick ? 1 : 2;
  const samples = await interleave(rounds, ['theirs', 'ours', 'limit'], (side) =>
    inFreshDirectory(settings.logDirectory, async (directory) => {
      const server = await startServer(settings, side, directory, ['/bin/cat'], { log: true });
      try {
        const alone = await atRest(server);
        const readers = await Readers.attach(settings, server.unix, { length: 80, clients: 10 });
        const attended = await atRest(server);
        await readers.stop();
        return [alone, attended] as const;
      } finally {
        await server.stop();
      }
    }),
  );
  return ([0, 10] as const).map((clients, i) => ({
    what: `memory, idle child, ${clients} clients`,
    unit: 'MB PSS',
    ours: samples.ours.map((sample) => sample[i] ?? Number.NaN),
    theirs: samples.theirs.map((sample) => sample[i] ?? Number.NaN),
    limit: samples.limit.map((sample) => sample[i] ?? Number.NaN),
  }));
}
