/** `npm start` as a newcomer runs it: in a terminal, ended by Ctrl-C, whatever happened to its server in between. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { HOLDFAST } from '../harness/host.ts';
import { isAlive, missing } from '../harness/machine.ts';
import { Terminal } from '../harness/terminal.ts';
import { until } from '../harness/until.ts';

const START = join(import.meta.dirname, '../../scripts/start.mjs');

/**
 * Processes that `npm start` created, directly or not: by `mark` in their environment, or by its folder in their title.
 */
function made(mark: string, folder: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const text = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
        // A process that sets its title overwrites its environment.
        return isAlive(pid) && (text('environ').includes(mark) || text('cmdline').includes(folder));
      } catch {
        return false;
      }
    });
}

async function started(t: TestContext, mark: string) {
  const env = Object.entries({ ...process.env, HOLDFAST_MARK: mark }).map(([key, value]) => `${key}=${value}`);
  const terminal = await Terminal.run(t, [process.execPath, START], { env });
  const [, control, folder] = await terminal.expect(/HOLDFAST_SOCKET=((\S+)\/run\/control)/);
  const processes = () => made(mark, folder as string);
  atEnd(t, () => {
    for (const pid of processes()) {
      process.kill(pid, 'SIGKILL');
    }
  });
  const [, server, config] = await terminal.expect(/\(pid (\d+)\).*'holdfast up -c (\S+)'/);
  await terminal.expect(/Ctrl-C here ends all/);
  const holdfast = (...words: string[]) =>
    spawnSync(HOLDFAST, [...words, '--socket', control as string], { encoding: 'utf8' });
  await until('six consoles', () => holdfast('ps').stdout.trim().split('\n').length === 7);
  const script = processes().find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('start.mjs'),
  ) as number;
  return {
    terminal,
    processes,
    holdfast,
    server: Number(server),
    config: config as string,
    folder: folder as string,
    script,
  };
}

async function interrupted({ terminal, processes }: Awaited<ReturnType<typeof started>>): Promise<void> {
  terminal.type('\x03');
  assert.equal((await terminal.ended).code, 0);
  await until('every process to be gone', () => processes().length === 0);
}

test('Ctrl-C ends everything that npm start has started', async (t) => {
  const demo = await started(t, `start-${process.pid}-plain`);
  assert.ok(demo.processes().length >= 5, 'start, procServ, server, holder and a child');
  await interrupted(demo);
});

test('so does Ctrl-C after the server was killed, and after it was started again', async (t) => {
  const demo = await started(t, `start-${process.pid}-killed`);
  process.kill(demo.server, 'SIGKILL');
  await until('the server to be gone', () => !isAlive(demo.server));
  assert.equal(demo.holdfast('up', '-c', demo.config).status, 0);
  const again = Number(JSON.parse(demo.holdfast('version', '--json').stdout).server.pid);
  process.kill(again, 'SIGKILL');
  await until('the second server to be gone', () => !isAlive(again));
  await interrupted(demo);
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} ends everything, too`, async (t) => {
    const demo = await started(t, `start-${process.pid}-${signal}`);
    process.kill(demo.script, signal);
    assert.equal((await demo.terminal.ended).code, 0);
    await until('every process to be gone', () => demo.processes().length === 0);
    assert.ok(!existsSync(demo.folder));
  });
}

test('what a killed start has left behind is ended by the next one, which leaves alone what runs beside it', async (t) => {
  const killed = await started(t, `start-${process.pid}-kill`);
  const beside = await started(t, `start-${process.pid}-beside`);
  process.kill(killed.script, 'SIGKILL');
  await killed.terminal.ended;
  assert.ok(killed.processes().length >= 2, `server and holder go on: ${killed.processes()}`);
  const next = await started(t, `start-${process.pid}-next`);
  await until('what was left to be gone', () => killed.processes().length === 0);
  assert.ok(!existsSync(killed.folder));
  assert.equal(beside.holdfast('ps').status, 0);
  await interrupted(beside);
  await interrupted(next);
});

test('the serial line has its other end at once, and after its server was killed', {
  skip: missing('socat'),
}, async (t) => {
  const demo = await started(t, `start-${process.pid}-serial`);
  const state = () => JSON.parse(demo.holdfast('status', 'serial-line', '--json').stdout || '{}').state;
  await until('the line to be up', () => state() === 'running');
  process.kill(demo.server, 'SIGKILL');
  await until('the server to be gone', () => !isAlive(demo.server));
  assert.equal(demo.holdfast('up', '-c', demo.config).status, 0);
  await until('the line to be up again', () => state() === 'running');
  await interrupted(demo);
});
