import { spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { loads, processorTime } from '../lib/processor.ts';
import { sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { below, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { connected, type HostServer, programOf, startServers } from './servers.ts';

const COUNT = 1000;
/** Of each console: 50 of all change each second. */
const RATE = '0.05';
const WATCHERS = 10;
const LISTS = 20;
/** Milliseconds until the starts are over and memory that only they needed is freed. */
const SETTLED_MS = 16_000;
const TABLE_MS = 2000;

const UPGRADE =
  'GET /v1/watch HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: holdfast.watch.v1\r\n\r\n';

/** Watches the table and counts what comes. */
class Watcher {
  bytes = 0;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', ({ length }) => {
      this.bytes += length;
    });
    socket.write(UPGRADE);
  }

  static async at(control: string): Promise<Watcher> {
    return new Watcher(await connected(control));
  }

  close(): void {
    this.#socket.destroy();
  }
}

interface Sample {
  /** Percent of a core: server and holder. */
  readonly alone: readonly number[];
  readonly watched: readonly number[];
  /** Bytes for each watcher: at first, and each second. */
  readonly table: number;
  readonly changes: number;
  /** Milliseconds: the whole command, and of a list the processor time of server and holder. */
  readonly ps: number;
  readonly list: readonly number[];
}

async function measured(settings: Settings, server: HostServer): Promise<Sample> {
  const { control, client, pids } = server;
  const window = settings.quick ? 5000 : 20_000;
  const alone = await loads(pids, window);
  const watchers = await Promise.all(Array.from({ length: WATCHERS }, () => Watcher.at(control)));
  const bytes = () => sum(watchers.map((watcher) => watcher.bytes)) / WATCHERS;
  await delay(TABLE_MS);
  const table = bytes();
  const watched = await loads(pids, window);
  const changes = ((bytes() - table) / window) * 1000;
  for (const watcher of watchers) {
    watcher.close();
  }
  await delay(TABLE_MS);
  const before = pids.map(processorTime);
  for (let n = 0; n < LISTS; n++) {
    await client.list({});
  }
  const list = pids.map((pid, at) => (processorTime(pid) - (before[at] as number)) / 1e6 / LISTS);
  const began = performance.now();
  const { status } = spawnSync(programOf('ours', settings), ['ps', '--socket', control], { maxBuffer: 64 << 20 });
  if (status !== 0) {
    throw new Error(`bench: ps ended with ${status}`);
  }
  return { alone, watched, table, changes, ps: performance.now() - began, list };
}

/** What a host of 1,000 consoles costs that is looked at. */
export async function watch(settings: Settings): Promise<Row[]> {
  const child = [settings.native('chatter'), RATE];
  const samples: Sample[] = [];
  for (let round = 0; round < (settings.quick ? 1 : 3); round++) {
    const sample = await inFreshDirectory(settings.logDirectory, async (directory) => {
      const server = (await startServers(settings, 'ours', directory, { count: COUNT, child })) as HostServer;
      try {
        await delay(SETTLED_MS);
        return await measured(settings, server);
      } finally {
        await server.stop();
      }
    });
    samples.push(sample);
  }
  const row = (what: string, unit: string, of: (sample: Sample) => number): Row => ({
    what: `${COUNT} consoles, ${what}`,
    unit,
    ours: samples.map(of),
    theirs: [],
  });
  const core = '% of a core';
  const [server, holder] = [0, 1];
  return [
    row('50 change each second, nobody watches: server', core, ({ alone }) => alone[server] as number),
    row('50 change each second, nobody watches: holder', core, ({ alone }) => alone[holder] as number),
    {
      ...row(`${WATCHERS} watch: server`, core, ({ watched }) => watched[server] as number),
      goal: below(3, '% of a core'),
    },
    row(`${WATCHERS} watch: holder`, core, ({ watched }) => watched[holder] as number),
    row('the table, for each watcher', 'kB', ({ table }) => table / 1000),
    row('the changes, for each watcher', 'kB/s', ({ changes }) => changes / 1000),
    row('a list: server, processor time', 'ms', ({ list }) => list[server] as number),
    row('a list: holder, processor time', 'ms', ({ list }) => list[holder] as number),
    row('`ps`: exec until its end', 'ms', ({ ps }) => ps),
  ];
}
