import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CROWD, comeIn } from '../lib/crowd.ts';
import { ask } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { consoleName, startServer } from './server.ts';

type Quantiles = { p50: number; p99: number };

const SAMPLES = '500';
const LIMIT = 50_000;

/** Microseconds of an echo while strangers come in at the door of the same console, in a crowd that begins again and again. */
export async function crowd(settings: Settings): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (root) => {
    mkdirSync(join(root, 'ours'));
    const server = await startServer(settings, 'ours', join(root, 'ours'), { count: 1, command: ['cat'] });
    try {
      const address = await server.address(consoleName(0));
      const port = Number(address.split(':')[1]);
      const samples: Quantiles[] = [];
      for (let round = 0; round < (settings.quick ? 2 : 8); round++) {
        const come = comeIn({ host: '127.0.0.1', port });
        samples.push(await ask<Quantiles>(settings.native('echo'), [address, SAMPLES, '60']));
        await come.stop();
      }
      return (['p50', 'p99'] as const).map((quantile) => ({
        what: `echo ${quantile} while ${CROWD} connections come in`,
        unit: 'us',
        ours: samples.map((sample) => sample[quantile]),
        theirs: [],
        goal: atMost(LIMIT, ''),
      }));
    } finally {
      await server.stop();
    }
  });
}
