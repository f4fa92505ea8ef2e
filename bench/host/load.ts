import { setTimeout as delay } from 'node:timers/promises';
import { interleave } from '../lib/interleave.ts';
import { loads } from '../lib/processor.ts';
import { sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atMostTimes, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { connected, startServers } from './servers.ts';

const COUNT = 200;
const RATE = '10';
/** Milliseconds until the starts are over and memory that only they needed is freed. */
const SETTLED = 12_000;

/** Percent of one processor used by these processes together. */
async function load(pids: readonly number[], milliseconds: number): Promise<number> {
  return sum(await loads(pids, milliseconds));
}

/**
 * Processor time of 200 printing consoles with logs, with no client attached and with one client each on 20 of them.
 */
export async function chatter(settings: Settings): Promise<Row[]> {
  const window = settings.quick ? 4000 : 8000;
  const child = [settings.native('chatter'), RATE];
  const samples = await interleave(settings.quick ? 1 : 2, ['theirs', 'ours'], (side) =>
    inFreshDirectory(settings.logDirectory, async (directory) => {
      const servers = await startServers(settings, side, directory, { count: COUNT, child });
      try {
        await delay(SETTLED);
        const alone = await load(servers.pids, window);
        const clients = await Promise.all(Array.from({ length: 20 }, (_, n) => connected(servers.socket(n * 10))));
        for (const client of clients) {
          client.resume();
        }
        await delay(500);
        const attended = await load(servers.pids, window);
        for (const client of clients) {
          client.destroy();
        }
        return [alone, attended] as const;
      } finally {
        await servers.stop();
      }
    }),
  );
  const row = (what: string, i: 0 | 1, factor: number): Row => ({
    what: `load, ${COUNT} consoles at ${RATE} lines/s with logs, ${what}`,
    unit: '% of a core',
    ours: samples.ours.map((sample) => sample[i]),
    theirs: samples.theirs.map((sample) => sample[i]),
    goal: atMostTimes(factor),
  });
  return [row('nobody attached', 0, 1.2), row('20 attached', 1, 1.6)];
}
