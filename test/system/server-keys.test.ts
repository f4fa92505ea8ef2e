// Every key of `[server]` has the effect that it says, on a server as a site runs it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SERVER_KEYS } from '../../src/model/keys/server-keys.ts';
import { native } from '../../src/platform/native.ts';
import { ConfiguredHost, OBSERVED } from '../harness/configured-host.ts';
import { HostUnderTest } from '../harness/host.ts';
import { sizeOf } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** Restarts of a console that make far more history than `events_keep` below. */
const RESTARTS = 20;
const EVENTS_KEEP_BYTES = 4096;
/** More than start at once by default. */
const CONSOLES = 12;

/** They never become ready, so that each keeps its slot. */
const NEVER_READY = Array.from(
  { length: CONSOLES },
  (_, n) => `[console.never-${n}]\nrun = ["/bin/cat"]\nready.pattern = "never"\n`,
);
const TABLES = `[console.quiet]\nrun = ["/bin/cat"]\n${NEVER_READY.join('')}`;

interface Effect {
  /** Absent: the server under test always has the key. */
  readonly line?: string;
  readonly seen: (host: HostUnderTest, given: boolean) => unknown;
  readonly wanted: unknown;
}

const EFFECTS: Readonly<Record<Exclude<keyof typeof SERVER_KEYS, 'log_sync'>, Effect>> = {
  runtime_dir: { seen: ({ runtimeDir }) => statSync(join(runtimeDir, 'holder')).isSocket(), wanted: true },
  state_dir: {
    seen: ({ stateDir }) => until('the history', () => existsSync(join(stateDir, 'events.jsonl'))),
    wanted: true,
  },
  log_dir: { seen: ({ logDir }) => until('a log', () => existsSync(join(logDir, 'quiet.log'))), wanted: true },
  control_mode: {
    line: 'control_mode = "0600"',
    seen: ({ control }) => statSync(control).mode & 0o777,
    wanted: 0o600,
  },
  control_group: {
    line: 'control_group = "daemon"',
    seen: ({ control }) => statSync(control).gid,
    wanted: native.groupByName('daemon'),
  },
  start_at_once: { line: 'start_at_once = 2', seen: startedProcesses, wanted: 2 },
  lag_memory: {
    line: 'lag_memory = "65M"',
    seen: async (host) => {
      const { holder, lagMemory } = await host.client.version();
      return [lagMemory?.most, holder.lagMemory?.most];
    },
    wanted: [65 << 20, 65 << 20],
  },
  events_keep: { line: `events_keep = ${EVENTS_KEEP_BYTES}`, seen: keepsLittle, wanted: true },
  unified_log: {
    line: 'unified_log = "all"',
    seen: async (host, given) => {
      const path = join(host.folder, 'all');
      return given
        ? until('a line of all', () => existsSync(path) && readFileSync(path, 'latin1').includes('quiet'))
        : existsSync(path);
    },
    wanted: true,
  },
  // Last: by now there was much to write.
  log_delay: {
    line: 'log_delay = "1h"',
    seen: async (host, given) => (given ? host.log('quiet') === '' : !(await host.said('quiet', '@@@'))),
    wanted: true,
  },
};

/** Of those that are never ready, once the others wait for their turn. */
async function startedProcesses(host: HostUnderTest): Promise<number> {
  await host.state('quiet', 'running');
  const all = await host.consoles('all to run or to wait', (now) =>
    [...now.values()].every(({ pid, waitsFor }) => pid !== undefined || waitsFor?.kind === 'turn'),
  );
  return [...all.values()].filter(({ name, pid }) => name !== 'quiet' && pid !== undefined).length;
}

async function keepsLittle(host: HostUnderTest): Promise<boolean> {
  for (let n = 0; n < RESTARTS; n++) {
    await host.client.stop('quiet');
    await host.state('quiet', 'stopped');
    await host.client.start('quiet');
    await host.state('quiet', 'running');
  }
  const sizes = readdirSync(host.stateDir)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => sizeOf(join(host.stateDir, name)));
  return sizes.reduce((sum, size) => sum + size, 0) <= EVENTS_KEEP_BYTES;
}

async function server(t: TestContext, lines: readonly string[]): Promise<HostUnderTest> {
  return HostUnderTest.start(t, TABLES, { server: lines.join('\n') });
}

const isRoot = process.geteuid?.() === 0;

test('every key of the server has its effect', async (t) => {
  const keys = Object.entries(EFFECTS).filter(([key]) => isRoot || key !== 'control_group');
  const lines = keys.flatMap(([, { line }]) => (line === undefined ? [] : [line]));
  const plain = await server(t, []);
  const given = await server(t, lines);
  for (const [key, { line, seen, wanted }] of keys) {
    assert.deepEqual(await seen(given, true), wanted, key);
    if (line !== undefined) {
      assert.notDeepEqual(await seen(plain, false), wanted, `${key} that is not given`);
    }
  }
});

test('log_sync goes to the log of every console', async (t) => {
  const text = `[console.${OBSERVED}]\nrun = ["a-program"]\n`;
  const [plain, given] = await Promise.all(
    ['', 'log_sync = "5s"\n'].map(async (line) => (await ConfiguredHost.begun(t, line + text)).observe()),
  );
  const [[plainly], [synchronised]] = [plain, given].map((seen) => seen?.log as [object]) as [[object], [object]];
  assert.deepEqual(synchronised, { ...plainly, sync: 5000 });
});
