import { interleave } from '../lib/interleave.ts';
import { median, sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atLeastTimes, atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { Readers } from '../procserv/readers.ts';
import { consoleName, type Side, startServer } from './server.ts';

const LENGTH = 79;
const loads = [
  { clients: 1, goal: atLeastTimes(1), name: '1 session' },
  { clients: 10, goal: atLeastTimes(1.5), name: '10 sessions' },
  { clients: 100, goal: atLeastTimes(2.5), name: '100 sessions' },
];

type Sample = { rate: number; broken: number; cpu: number };

function measure(settings: Settings, side: Side, clients: number): Promise<Sample> {
  const window = settings.quick ? { warmup: 0.2, seconds: 0.3 } : { warmup: 0.3, seconds: 0.7 };
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const command = [settings.native('flood'), '0', `${LENGTH}`, '-', 'exit'];
    const server = await startServer(settings, side, directory, { count: 1, command });
    try {
      const address = await server.address(consoleName(0));
      const readers = await Readers.attach(settings, address, { length: LENGTH, clients, window });
      readers.go();
      const report = await readers.report();
      return {
        rate: median(report.clients.map((client) => client.bytes / client.seconds / 1e6)),
        broken: sum(report.clients.map((client) => client.skipped + client.damaged)),
        cpu: (report.cpu / median(report.clients.map((client) => client.seconds))) * 100,
      };
    } finally {
      await server.stop();
    }
  });
}

/** Megabytes per second that reach each session of an exec console that floods, with a log. */
export async function throughput(settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { clients, goal, name } of loads) {
    const samples = await interleave(settings.quick ? 1 : 5, ['theirs', 'ours'], (side) =>
      measure(settings, side, clients),
    );
    const pick = (key: keyof Sample) => ({
      ours: samples.ours.map((sample) => sample[key]),
      theirs: samples.theirs.map((sample) => sample[key]),
    });
    const { ours, theirs } = pick('broken');
    rows.push(
      { what: `flood to ${name}, each`, unit: 'MB/s', ...pick('rate'), goal },
      {
        what: `${name}: lines skipped or damaged`,
        unit: 'lines',
        ours: [sum(ours)],
        theirs: [sum(theirs)],
        goal: atMost(0, ''),
      },
      { what: `${name}: what the reading program itself takes`, unit: '% of a core', ...pick('cpu') },
    );
  }
  return rows;
}
