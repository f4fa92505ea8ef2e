import { CROWD, comeIn } from '../lib/crowd.ts';
import { ask } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { startServer } from './server.ts';

type Quantiles = { p50: number; p99: number; max: number };

const SAMPLES = '500';
const LIMIT = 50_000;

/**
 * Microseconds of an echo at one endpoint while strangers come in at the other, in a crowd that begins again and again. Not of
 * procServ: select(2) ends it at descriptor 1024.
 */
export function crowd(settings: Settings): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const server = await startServer(settings, 'ours', directory, ['/bin/cat'], { log: true });
    try {
      const port = Number(server.tcp.split(':')[1]);
      const samples: Quantiles[] = [];
      for (let round = 0; round < (settings.quick ? 2 : 8); round++) {
        const coming = comeIn({ host: '127.0.0.1', port });
        samples.push(await ask<Quantiles>(settings.native('echo'), [server.unix, SAMPLES, '60']));
        await coming.stop();
      }
      return (['p50', 'p99', 'max'] as const).map((quantile) => ({
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
