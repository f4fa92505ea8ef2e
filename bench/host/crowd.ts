import { CROWD, comeIn } from '../lib/crowd.ts';
import { ask } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { type Servers, startServers } from './servers.ts';

type Quantiles = { p50: number; p99: number; max: number };

const SAMPLES = '500';
const LIMIT = 50_000;

/** Microseconds of an echo on one console while strangers come in at the endpoint of another, in a crowd that begins again and again. */
export function crowd(settings: Settings): Promise<Row[]> {
  return crowdAt(settings, (servers) => servers.socket(0));
}

/** The same while they come in at the control socket. */
export function controlCrowd(settings: Settings): Promise<Row[]> {
  return crowdAt(settings, (servers) => servers.control as string);
}

function crowdAt(settings: Settings, door: (servers: Servers) => string): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const servers = await startServers(settings, 'ours', directory, { count: 2, child: ['/bin/cat'] });
    try {
      const samples: Quantiles[] = [];
      for (let round = 0; round < (settings.quick ? 2 : 8); round++) {
        const coming = comeIn({ path: door(servers) });
        samples.push(await ask<Quantiles>(settings.native('echo'), [`unix:${servers.socket(1)}`, SAMPLES, '60']));
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
      await servers.stop();
    }
  });
}
