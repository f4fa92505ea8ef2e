import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { interleave } from '../lib/interleave.ts';
import { ask } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { atMostTimes, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { type Server, type Side, startServer } from './server.ts';

type Quantiles = { p50: number; p99: number };
type Sample = { unix: Quantiles; tcp: Quantiles };

const sides = ['theirs', 'ours', 'limit'] as const;
const SAMPLES = '500';

/** All servers idle side by side, and short slices of typing alternate: a disturbance affects every side. */
async function slices(settings: Settings, log: boolean): Promise<Record<Side, Sample[]>> {
  return inFreshDirectory(settings.logDirectory, async (root) => {
    const servers = new Map<Side, Server>();
    try {
      for (const side of sides) {
        const directory = join(root, side);
        mkdirSync(directory);
        servers.set(side, await startServer(settings, side, directory, ['/bin/cat'], { log }));
      }
      const type = (address: string) => ask<Quantiles>(settings.native('echo'), [address, SAMPLES, '60']);
      return await interleave(settings.quick ? 4 : 16, sides, async (side) => {
        const server = servers.get(side);
        if (server === undefined) {
          throw new Error(`bench: no server for ${side}`);
        }
        return { unix: await type(server.unix), tcp: await type(server.tcp) };
      });
    } finally {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    }
  });
}

/** Microseconds from a keystroke to its echo: `/bin/cat` on an echoing terminal, one character at a time. */
export async function echo(settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const log of [false, true]) {
    const samples = await slices(settings, log);
    for (const transport of ['unix', 'tcp'] as const) {
      for (const [quantile, factor] of [['p50', 2] as const, ['p99', 1.5] as const]) {
        const pick = (side: Side) => samples[side].map((sample) => sample[transport][quantile]);
        rows.push({
          what: `echo ${quantile}, ${transport === 'tcp' ? 'TCP' : 'unix socket'}, ${log ? 'with' : 'without'} log`,
          unit: 'us',
          ours: pick('ours'),
          theirs: pick('theirs'),
          limit: pick('limit'),
          goal: atMostTimes(factor),
        });
      }
    }
  }
  return rows;
}
