import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { checkLog, Readers } from './readers.ts';
import { type Server, startServer } from './server.ts';

const LENGTH = 63;
const BATCH = 20;
const sides = ['theirs', 'ours'] as const;
type Side = (typeof sides)[number];
type Lost = { client: number; log: number };

const scenarios = [
  { name: '1 MB, then exit', lines: 15_625, end: 'exit' },
  { name: 'a last line, then abort()', lines: 1, end: 'abort' },
];

/** Both servers of each pair wait with their child at the gate; then one child after the other is released. */
async function batch(settings: Settings, scenario: (typeof scenarios)[number], size: number) {
  return inFreshDirectory(settings.logDirectory, async (root) => {
    const child = [settings.native('flood'), String(scenario.lines), String(LENGTH), '-', scenario.end];
    const places = Array.from({ length: size }, (_, i) =>
      sides.map((side) => ({ side, directory: join(root, `${side}${i}`) })),
    ).flat();
    const servers: { side: Side; server: Server }[] = [];
    try {
      await Promise.all(
        places.map(async ({ side, directory }, i) => {
          mkdirSync(directory);
          servers[i] = { side, server: await startServer(settings, side, directory, child, { log: true }) };
        }),
      );
      const lost: { side: Side; lost: Lost }[] = [];
      for (const { side, server } of servers) {
        lost.push({ side, lost: await trial(settings, server, scenario.lines) });
      }
      return lost;
    } finally {
      await Promise.all(servers.map(({ server }) => server.stop()));
    }
  });
}

async function trial(settings: Settings, server: Server, lines: number): Promise<Lost> {
  const readers = await Readers.attach(settings, server.unix, { length: LENGTH });
  readers.go();
  await readers.dead();
  // The end of the server makes both streams final: nothing can follow.
  await server.stop();
  const { clients } = await readers.report();
  const log = await checkLog(settings, server.log, LENGTH);
  const bytes = (seen: number) => (lines - seen) * (LENGTH + 1);
  return { client: bytes(clients[0]?.lines ?? 0), log: bytes(log.lines) };
}

/** The part of a child's output that never reaches a client or the log if the child ends right after writing it. */
export async function loss(settings: Settings): Promise<Row[]> {
  const runs = settings.quick ? 10 : 100;
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    const lost: Record<Side, Lost[]> = { ours: [], theirs: [] };
    for (let done = 0; done < runs; done += BATCH) {
      for (const entry of await batch(settings, scenario, Math.min(BATCH, runs - done))) {
        lost[entry.side].push(entry.lost);
      }
    }
    for (const reader of ['client', 'log'] as const) {
      const samples = (side: Side) => lost[side].map((entry) => entry[reader]);
      rows.push(
        {
          what: `${scenario.name}, ${runs} times: lost to the ${reader}, sum`,
          unit: 'bytes',
          ours: [sum(samples('ours'))],
          theirs: [sum(samples('theirs'))],
          goal: atMost(0, ''),
        },
        {
          what: `${scenario.name}, ${runs} times: runs that lost something, ${reader}`,
          unit: 'runs',
          ours: [samples('ours').filter((bytes) => bytes > 0).length],
          theirs: [samples('theirs').filter((bytes) => bytes > 0).length],
          goal: atMost(0, ''),
        },
      );
    }
  }
  return rows;
}
