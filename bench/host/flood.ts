import { join } from 'node:path';
import { interleave } from '../lib/interleave.ts';
import { median, sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atLeastTimes, type Row } from '../lib/table.ts';
import { awaitFile, inFreshDirectory } from '../lib/workspace.ts';
import { Readers } from '../procserv/readers.ts';
import { announced } from '../procserv/server.ts';
import { startServers } from './servers.ts';

const CLIENTS = 100;
/** Characters of a line without its line feed. */
const LENGTH = 79;

/** One console writes numbered lines as fast as it can, to 100 sessions and its log. */
export async function flood(settings: Settings): Promise<Row[]> {
  const window = settings.quick ? { warmup: 0.3, seconds: 0.5 } : { warmup: 0.5, seconds: 1 };
  const command = [settings.native('flood'), '0', String(LENGTH), '-', 'exit'];
  const samples = await interleave(settings.quick ? 1 : 4, ['theirs', 'ours'], (side) =>
    inFreshDirectory(settings.logDirectory, async (directory) => {
      const ready = join(directory, 'ready');
      const child = announced(ready, command);
      const servers = await startServers(settings, side, directory, { count: 1, child });
      try {
        await awaitFile(ready, 10_000);
        const options = { length: LENGTH, clients: CLIENTS, window };
        const readers = await Readers.attach(settings, `unix:${servers.socket(0)}`, options);
        readers.go();
        const { clients } = await readers.report();
        return {
          rate: median(clients.map(({ bytes, seconds }) => bytes / seconds / 1e6)),
          broken: sum(clients.map(({ skipped, damaged }) => skipped + damaged)),
        };
      } finally {
        await servers.stop();
      }
    }),
  );
  return [
    {
      what: `flood to ${CLIENTS} sessions, each`,
      unit: 'MB/s',
      ours: samples.ours.map(({ rate }) => rate),
      theirs: samples.theirs.map(({ rate }) => rate),
      goal: atLeastTimes(4),
    },
    {
      what: `flood to ${CLIENTS} sessions: lines skipped or damaged`,
      unit: 'lines',
      ours: [sum(samples.ours.map(({ broken }) => broken))],
      theirs: [sum(samples.theirs.map(({ broken }) => broken))],
    },
  ];
}
