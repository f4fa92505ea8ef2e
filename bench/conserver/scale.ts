import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { interleave } from '../lib/interleave.ts';
import { processTree, proportionalMegabytes } from '../lib/memory.ts';
import { sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atMostTimes, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { startServer } from './server.ts';

/**
 * Milliseconds until both sides are at rest: every five seconds ours checks whether it is, and frees memory that only
 * the start needed.
 */
const SETTLED = { ours: 12_000, theirs: 2500 };

/** The server's own processes: conserver has one for each 16 consoles, and its consoles' commands below them. */
function ownProcesses(pid: number): number[] {
  return processTree(pid).filter((each) => readFileSync(`/proc/${each}/comm`, 'utf8') !== 'cat\n');
}

/** Time from exec to the greeting, and memory at rest, over the number of consoles. */
export async function scale(settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [16, 100, 500]) {
    const rounds = settings.quick || count > 16 ? 1 : 3;
    const samples = await interleave(rounds, ['theirs', 'ours'], (side) =>
      inFreshDirectory(settings.logDirectory, async (directory) => {
        const server = await startServer(settings, side, directory, { count, command: ['cat'] });
        try {
          await delay(SETTLED[side]);
          return { startup: server.startup, memory: sum(ownProcesses(server.pid).map(proportionalMegabytes)) };
        } finally {
          await server.stop();
        }
      }),
    );
    const pick = (key: 'startup' | 'memory') => ({
      ours: samples.ours.map((sample) => sample[key]),
      theirs: samples.theirs.map((sample) => sample[key]),
    });
    rows.push(
      { what: `start, ${count} consoles: exec to greeting`, unit: 'ms', ...pick('startup'), goal: atMostTimes(0.1) },
      {
        what: `memory, ${count} idle consoles`,
        unit: 'MB PSS',
        ...pick('memory'),
        ...(count === 500 && { goal: atMostTimes(1.5) }),
      },
    );
  }
  return rows;
}
