import { interleave } from '../lib/interleave.ts';
import { ask } from '../lib/process.ts';
import { median, sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atLeastTimes, atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { Readers } from './readers.ts';
import { type Side, startServer } from './server.ts';

const TMPFS = '/dev/shm';

/** The goals hold for lines that fill a terminal's width and the log where `--log-dir` says; the rest shows the two costs apart. */
const loads = [
  { clients: 1, length: 79, goal: atLeastTimes(1.5), name: '1 client' },
  { clients: 10, length: 79, goal: atLeastTimes(2), name: '10 clients' },
  { clients: 100, length: 79, goal: atLeastTimes(4), name: '100 clients' },
  { clients: 1, length: 4095, name: '1 client, lines of 4 KiB' },
  { clients: 1, length: 79, logDirectory: TMPFS, name: '1 client, log on tmpfs' },
  { clients: 100, length: 79, logDirectory: TMPFS, name: '100 clients, log on tmpfs' },
];
type Load = (typeof loads)[number];

type Sample = { rate: number; broken: number; cpu: number };

function flood(settings: Settings, length: number): string[] {
  return [settings.native('flood'), '0', String(length), '-', 'exit'];
}

function measure(settings: Settings, side: Side, { clients, length, logDirectory }: Load): Promise<Sample> {
  const window = settings.quick ? { warmup: 0.2, seconds: 0.3 } : { warmup: 0.2, seconds: 0.6 };
  return inFreshDirectory(logDirectory ?? settings.logDirectory, async (directory) => {
    const server = await startServer(settings, side, directory, flood(settings, length), { log: true });
    try {
      const readers = await Readers.attach(settings, server.tcp, { length, clients, window });
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

/** Megabytes per second that reach each client while the child writes numbered lines as fast as it can, with a log. */
export async function throughput(settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const load of settings.quick ? loads.slice(0, 3) : loads) {
    const rounds = settings.quick ? 1 : load.goal === undefined ? 2 : 5;
    const samples = await interleave(rounds, ['theirs', 'ours', 'limit'], (side) => measure(settings, side, load));
    const pick = (key: keyof Sample) => ({
      ours: samples.ours.map((sample) => sample[key]),
      theirs: samples.theirs.map((sample) => sample[key]),
      limit: samples.limit.map((sample) => sample[key]),
    });
    const broken = pick('broken');
    rows.push(
      {
        what: `throughput to ${load.name}, each`,
        unit: 'MB/s',
        ...pick('rate'),
        ...(load.goal === undefined ? {} : { goal: load.goal }),
      },
      {
        what: `${load.name}: lines skipped or damaged`,
        unit: 'lines',
        ours: [sum(broken.ours)],
        theirs: [sum(broken.theirs)],
        limit: [sum(broken.limit)],
        goal: atMost(0, ''),
      },
      { what: `${load.name}: what the reading program itself takes`, unit: '% of a core', ...pick('cpu') },
    );
  }
  for (const length of [79, 4095]) {
    rows.push(await bareTerminal(settings, length));
  }
  return rows;
}

/** The rate of the terminal itself, with a C program that only reads it. */
async function bareTerminal(settings: Settings, length: number): Promise<Row> {
  const words = ['0.2', '0.5', '30', ...flood(settings, length)];
  const samples = await interleave(settings.quick ? 1 : 5, ['limit'], () =>
    ask<{ rate: number }>(settings.native('rawread'), words),
  );
  return {
    what: `the terminal alone, lines of ${length + 1} bytes: no client, no log`,
    unit: 'MB/s',
    ours: [],
    theirs: [],
    limit: samples.limit.map((sample) => sample.rate),
  };
}
