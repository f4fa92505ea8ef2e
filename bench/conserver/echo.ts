import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { interleave } from '../lib/interleave.ts';
import { ask } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { atMostTimes, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { consoleName, type Server, type Side, startServer } from './server.ts';

type Quantiles = { p50: number; p99: number };

const sides = ['theirs', 'ours'] as const;
const SAMPLES = '500';

/** Microseconds from a keystroke to its echo in a session: `cat` on an echoing terminal, with a log. */
export async function echo(settings: Settings): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (root) => {
    const servers = new Map<Side, Server>();
    try {
      for (const side of sides) {
        mkdirSync(join(root, side));
        servers.set(side, await startServer(settings, side, join(root, side), { count: 1, command: ['cat'] }));
      }
      const samples = await interleave(settings.quick ? 4 : 16, sides, async (side) => {
        const address = await (servers.get(side) as Server).address(consoleName(0));
        return await ask<Quantiles>(settings.native('echo'), [address, SAMPLES, '60']);
      });
      return (['p50', 'p99'] as const).map((quantile) => ({
        what: `echo ${quantile}`,
        unit: 'us',
        ours: samples.ours.map((sample) => sample[quantile]),
        theirs: samples.theirs.map((sample) => sample[quantile]),
        ...(quantile === 'p50' && { goal: atMostTimes(3) }),
      }));
    } finally {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    }
  });
}
