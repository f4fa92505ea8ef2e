import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { interleave } from '../lib/interleave.ts';
import { firstLine } from '../lib/machine.ts';
import { ask, Program } from '../lib/process.ts';
import { sum } from '../lib/statistics.ts';
import type { Case, Settings, Suite } from '../lib/suite.ts';
import { atLeastTimes, atMostTimes, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';

/** `theirs` is `bench/native/isis-loop.c`, a datagram per system call; `limit` the same with recvmmsg and sendmmsg. */
const SIDES = ['theirs', 'log on', 'log off', 'limit'] as const;
type Side = (typeof SIDES)[number];

/** A slice depends on whether load and server have a core each, which the kernel decides: hence many short ones. */
const SLICE_SECONDS = '0.3';
const ROUNDS = 16;
const QUICK_ROUNDS = 4;

type Server = { readonly program: Program; readonly port: number };
type Flow = { readonly rate: number; readonly cpu: number; readonly server: number };
type RoundTrip = { readonly p50: number; readonly p99: number };

function programOf(settings: Settings): string {
  return resolve(settings.ours ?? join(import.meta.dirname, '../../bin/isis'));
}

async function start(settings: Settings, side: Side, directory: string): Promise<Server> {
  if (side === 'theirs' || side === 'limit') {
    const program = new Program(settings.native('isis-loop'), side === 'limit' ? ['batch'] : []);
    return { program, port: (await program.json<{ port: number }>()).port };
  }
  const ini = join(directory, `${side}.ini`);
  const log = side === 'log on' ? `ServerLog ${directory}/log` : 'NoLog';
  writeFileSync(ini, `ServerPort 0\nListen 127.0.0.1\nNoHandshaking\n${log}\n`);
  const program = new Program(programOf(settings), ['-d', `-f${ini}`]);
  for (;;) {
    const port = /started as host IS on port (\d+)/.exec(await program.line())?.[1];
    if (port !== undefined) {
      return { program, port: Number(port) };
    }
  }
}

/** Processor time of all threads of a process, microseconds. */
function worked(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  return sum(
    readdirSync(tasks).map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, 'latin1').split(' ')[0]) / 1000),
  );
}

/** Short slices of the load `words` on each server in turns. */
async function slices<Sample>(
  settings: Settings,
  words: readonly string[],
  take: (server: Server, load: readonly string[]) => Promise<Sample>,
): Promise<Record<Side, Sample[]>> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const servers = new Map<Side, Server>();
    const server = (side: Side): Server => {
      const found = servers.get(side);
      if (found === undefined) {
        throw new Error(`bench: no server for ${side}`);
      }
      return found;
    };
    const run = (side: Side) => take(server(side), [String(server(side).port), ...words, SLICE_SECONDS]);
    try {
      for (const side of SIDES) {
        servers.set(side, await start(settings, side, directory));
        await run(side);
      }
      return await interleave(settings.quick ? QUICK_ROUNDS : ROUNDS, SIDES, run);
    } finally {
      await Promise.all([...servers.values()].map(({ program }) => program.stop()));
    }
  });
}

function flow(name: string, what: string, unit: string, words: readonly string[], goal?: number): Case {
  const run = async (settings: Settings): Promise<Row[]> => {
    const samples = await slices(settings, words, async ({ program }, load): Promise<Flow> => {
      const before = worked(program.pid);
      const figures = await ask<Omit<Flow, 'server'>>(settings.native('isis-load'), load);
      const messages = figures.rate * Number(SLICE_SECONDS);
      return { ...figures, server: (worked(program.pid) - before) / messages };
    });
    const rows = (['log on', 'log off'] as const).flatMap((side): Row[] => {
      const row = (title: string, of: string, pick: (sample: Flow) => number): Row => ({
        what: `${title}, ${side}`,
        unit: of,
        ours: samples[side].map(pick),
        theirs: samples.theirs.map(pick),
        limit: samples.limit.map(pick),
      });
      const rate = row(what, unit, (sample) => sample.rate);
      return [
        goal === undefined ? rate : { ...rate, goal: atLeastTimes(goal) },
        row('- server, processor time each', 'us', (sample) => sample.server),
        row('- load, processor time each', 'us', (sample) => sample.cpu),
      ];
    });
    return rows;
  };
  return { name, run };
}

async function roundTrips(settings: Settings): Promise<Row[]> {
  const samples = await slices(settings, ['ping'], (_server, load) =>
    ask<RoundTrip>(settings.native('isis-load'), load),
  );
  return (['log on', 'log off'] as const).flatMap((side) =>
    (['p50', 'p99'] as const).map((quantile): Row => {
      const pick = (of: Side) => samples[of].map((sample) => sample[quantile]);
      const row = {
        what: `PING to PONG, ${quantile}, ${side}`,
        unit: 'us',
        ours: pick(side),
        theirs: pick('theirs'),
        limit: pick('limit'),
      };
      return quantile === 'p50' ? { ...row, goal: atMostTimes(1.5) } : row;
    }),
  );
}

/** Our ISIS server against minimal loops in C. */
export const isisSuite: Suite = {
  name: 'isis',
  describe: (settings) => {
    const program = programOf(settings);
    const loops = 'theirs: bench/native/isis-loop.c (recvfrom, sendto); limit: the same with recvmmsg and sendmmsg.';
    return `ours: ${program} (${firstLine(program, '-v')}); ${loops}`;
  },
  cases: [
    flow('isis-route-2', '2 clients, window 16', 'messages/s', ['route', '1', '16'], 0.8),
    flow('isis-route-16', '16 clients, window 8', 'messages/s', ['route', '8', '8'], 0.8),
    flow('isis-broadcast', 'broadcast to 15 hosts', 'copies/s', ['cast', '15', '4']),
    { name: 'isis-ping', run: roundTrips },
  ],
};
