import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { interleave } from '../lib/interleave.ts';
import { ask } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { atMostTimes, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { type Servers, type Side, startServers } from './servers.ts';

type Quantiles = { p50: number; p99: number };

const sides = ['theirs', 'ours'] as const;
const SAMPLES = '500';

/** Both idle side by side, and short slices of typing alternate: a disturbance affects both. */
function slices(settings: Settings, log: boolean): Promise<Record<Side, Quantiles[]>> {
  return inFreshDirectory(settings.logDirectory, async (root) => {
    const servers = new Map<Side, Servers>();
    try {
      for (const side of sides) {
        const directory = join(root, side);
        mkdirSync(directory);
        servers.set(side, await startServers(settings, side, directory, { count: 1, child: ['/bin/cat'], log }));
      }
      return await interleave(settings.quick ? 4 : 16, sides, (side) => {
        const address = `unix:${servers.get(side)?.socket(0)}`;
        return ask<Quantiles>(settings.native('echo'), [address, SAMPLES, '60']);
      });
    } finally {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    }
  });
}

/** Microseconds from a keystroke to its echo, through server and holder. */
export async function echo(settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const log of [false, true]) {
    const samples = await slices(settings, log);
    for (const [quantile, factor] of [['p50', 3] as const, ['p99', 2] as const]) {
      rows.push({
        what: `echo ${quantile}, ${log ? 'with' : 'without'} log`,
        unit: 'us',
        ours: samples.ours.map((sample) => sample[quantile]),
        theirs: samples.theirs.map((sample) => sample[quantile]),
        goal: atMostTimes(factor),
      });
    }
  }
  return rows;
}
