import { join } from 'node:path';
import { interleave } from '../lib/interleave.ts';
import { median } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atMost, type Row } from '../lib/table.ts';
import { awaitFile, inFreshDirectory } from '../lib/workspace.ts';
import { Readers } from './readers.ts';
import { startServer } from './server.ts';

const LENGTH = 4095;
const LINES = 4096;

type Sample = { child: number; client: number };

function measure(settings: Settings, side: 'ours' | 'theirs', deaf: number): Promise<Sample> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const stamp = join(directory, 'stamp');
    const child = [settings.native('flood'), String(LINES), String(LENGTH), stamp, 'stay'];
    const server = await startServer(settings, side, directory, child, { log: true });
    try {
      const readers = await Readers.attach(settings, server.tcp, { length: LENGTH, deaf, lines: LINES });
      readers.go();
      const report = await readers.report();
      const [start, end] = (await awaitFile(stamp, 60_000)).split(' ').map(Number);
      return { child: ((end ?? Number.NaN) - (start ?? 0)) / 1e6, client: report.clients[0]?.lastMs ?? Number.NaN };
    } finally {
      await server.stop();
    }
  });
}

/** The cost of a client that never reads for the child and another client, with a fixed amount of output. */
export async function stall(settings: Settings): Promise<Row[]> {
  // The incumbent blocks for ten seconds per run with the stalled client.
  const patience = settings.quick ? 1 : 2;
  const rounds = settings.quick ? 3 : 9;
  const samples = await interleave(
    rounds,
    ['theirs free', 'ours free', 'theirs stalled', 'ours stalled'],
    (key) => measure(settings, key.startsWith('ours') ? 'ours' : 'theirs', key.endsWith('stalled') ? 1 : 0),
    { 'theirs stalled': patience },
  );
  const megabytes = ((LINES * (LENGTH + 1)) / 1e6).toFixed(1);
  return (['child', 'client'] as const).flatMap((who) => {
    const subject = who === 'child' ? `child writes ${megabytes} MB` : `client reads ${megabytes} MB`;
    const times = (key: keyof typeof samples) => samples[key].map((sample) => sample[who]);
    const factor = (side: 'ours' | 'theirs') => [median(times(`${side} stalled`)) / median(times(`${side} free`))];
    return [
      { what: `${subject}, alone`, unit: 'ms', ours: times('ours free'), theirs: times('theirs free') },
      {
        what: `${subject}, beside a client that never reads`,
        unit: 'ms',
        ours: times('ours stalled'),
        theirs: times('theirs stalled'),
      },
      {
        what: `${subject}: with the stalled client / without`,
        unit: 'x',
        ours: factor('ours'),
        theirs: factor('theirs'),
        goal: atMost(1.1, 'x of no stall'),
      },
    ];
  });
}
