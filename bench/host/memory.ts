import { setTimeout as delay } from 'node:timers/promises';
import { interleave } from '../lib/interleave.ts';
import { proportionalMegabytes } from '../lib/memory.ts';
import { sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { startServers } from './servers.ts';

/**
 * Milliseconds until both sides are at rest: every five seconds ours checks whether it is, and frees memory that only
 * the start needed.
 */
const SETTLED = { ours: 16_000, theirs: 3000 };

/** Memory (PSS, without the children) of holder and server, and of as many procServ, with idle children. */
export async function memory(settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [1, 100, 500]) {
    const samples = await interleave(settings.quick ? 1 : 2, ['theirs', 'ours'], (side) =>
      inFreshDirectory(settings.logDirectory, async (directory) => {
        const servers = await startServers(settings, side, directory, { count, child: ['/bin/cat'] });
        try {
          await delay(SETTLED[side]);
          return servers.pids.map(proportionalMegabytes);
        } finally {
          await servers.stop();
        }
      }),
    );
    const what = `memory, ${count} idle consoles`;
    rows.push({
      what,
      unit: 'MB PSS',
      ours: samples.ours.map(sum),
      theirs: samples.theirs.map(sum),
      goal: atMost(60 + 0.06 * count, 'MB'),
    });
    for (const [i, part] of ['server', 'holder'].entries()) {
      rows.push({
        what: `${what}: ${part}`,
        unit: 'MB PSS',
        ours: samples.ours.map((each) => each[i] ?? 0),
        theirs: [],
      });
    }
  }
  return rows;
}
