import { interleave } from '../lib/interleave.ts';
import { ask } from '../lib/process.ts';
import { median, sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atLeastTimes, atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { Readers } from './readers.ts';
import { type Side, startServer } from './server.ts';

const LENGTH = 4095;
const goals = new Map([
  [1, 1.5],
  [10, 2],
  [100, 4],
]);

type Sample = { rate: number; broken: number; cpu: number };

function flood(settings: Settings): string[] {
  return [settings.native('flood'), '0', String(LENGTH), '-', 'exit'];
}

function measure(settings: Settings, side: Side, clients: number): Promise<Sample> {
  const window = settings.quick ? { warmup: 0.2, seconds: 0.6 } : { warmup: 0.3, seconds: 1.2 };
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const server = await startServer(settings, side, directory, flood(settings), { log: true });
    try {
      const readers = await Readers.attach(settings, server.tcp, { length: LENGTH, clients, window });
      readers.go();
      const report = await readers.report();
      const seconds = median(report.clients.map((client) => client.seconds));
      return {
        rate: median(report.clients.map((client) => client.bytes / client.seconds / 1e6)),
        broken: sum(report.clients.map((client) => client.skipped + client.damaged)),
        cpu: (report.cpu / seconds) * 100,
      };
    } finally {
      await server.stop();
    }
  });
}

/** Megabytes per second that reach each client while the child writes lines of 4 KiB as fast as it can, with a log. */
export async function throughput(settings: Settings): Promise<Row[]> {
  const rounds = settings.quick ? 2 : 5;
  const rows: Row[] = [];
  for (const [clients, factor] of goals) {
    const samples = await interleave(rounds, ['theirs', 'ours', 'limit'], (side) => measure(settings, side, clients));
    const pick = (side: Side, key: keyof Sample) => samples[side].map((sample) => sample[key]);
    const who = clients === 1 ? '1 client' : `${clients} clients`;
    rows.push(
      {
        what: `throughput to ${who}, each`,
        unit: 'MB/s',
        ours: pick('ours', 'rate'),
        theirs: pick('theirs', 'rate'),
        limit: pick('limit', 'rate'),
        goal: atLeastTimes(factor),
      },
      {
        what: `lines skipped or damaged, ${who}`,
        unit: 'lines',
        ours: [sum(pick('ours', 'broken'))],
        theirs: [sum(pick('theirs', 'broken'))],
        limit: [sum(pick('limit', 'broken'))],
        goal: atMost(0, ''),
      },
      {
        what: `processor time of the reading program, ${who}`,
        unit: '% of a core',
        ours: pick('ours', 'cpu'),
        theirs: pick('theirs', 'cpu'),
        limit: pick('limit', 'cpu'),
      },
    );
  }
  rows.push(await bareTerminal(settings, rounds));
  return rows;
}

async function bareTerminal(settings: Settings, rounds: number): Promise<Row> {
  const samples = await interleave(rounds, ['limit'], () =>
    ask<{ rate: number }>(settings.native('rawread'), ['0.2', '0.5', '30', ...flood(settings)]),
  );
  const limit = samples.limit.map((sample) => sample.rate);
  return {
    what: 'the terminal alone: a C program reads it, no client, no log',
    unit: 'MB/s',
    ours: [],
    theirs: [],
    limit,
  };
}
