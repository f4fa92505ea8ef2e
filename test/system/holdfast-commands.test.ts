// The commands that print and end: the real program, a server on a real unix socket, exit codes as scripts see them. What each asks and
// prints is tried in memory (test/unit/cli/commands.test.ts).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ConsoleSummary } from '../../src/model/api.ts';
import type { FakeConsole } from '../fakes/fake-console.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { type ControlServer, serveControl } from '../harness/control-server.ts';
import { PtyProgram } from '../harness/pty-program.ts';

const holdfast = fileURLToPath(new URL('../../bin/holdfast', import.meta.url));

let folder: string;
let socket: string;
let host: FakeHost;
let server: ControlServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-cli-'));
  socket = join(folder, 'control');
  host = new FakeHost();
  host.add('vac-01', { groups: ['vac'], lastLine: 'iocRun: All initialization complete' });
  host.add('vac-02', { groups: ['vac'], state: 'failed' });
  host.add('llrf', { state: 'stopped' });
  log('vac-01', '2026-11-21T10:00:00Z ECONNREFUSED one\n2026-11-21T10:00:02Z fine\n');
  log('llrf', '2026-11-21T10:00:01Z ECONNREFUSED \x1b[2Jtwo\n');
  server = await serveControl(host, socket);
});

function log(name: string, text: string): void {
  const path = join(folder, `${name}.log`);
  writeFileSync(path, text);
  (host.consoles.get(name) as FakeConsole).logs = [path];
}

afterEach(async () => {
  await server.kill();
  rmSync(folder, { recursive: true });
  assert.deepEqual(server.faults, []);
});

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function holdfastRuns(...words: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, HOLDFAST_SOCKET: socket };
    execFile(holdfast, words, { env, timeout: 20_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

test('ps lists all, or a group, a state, a pattern; names only; JSON', async () => {
  const { code, out } = await holdfastRuns('ps');
  assert.equal(code, 0);
  assert.match(out, /^NAME .*\nvac-02 +failed .*\nvac-01 +running .*All initialization complete\nllrf +stopped/);
  assert.equal((await holdfastRuns('ps', '-q', '--group', 'vac')).out, 'vac-02\nvac-01\n');
  assert.equal((await holdfastRuns('ps', '-q', '--state=stopped')).out, 'llrf\n');
  assert.equal((await holdfastRuns('ps', '-q', 'v*1', 'll')).out, 'vac-01\nllrf\n');
  const json = JSON.parse((await holdfastRuns('ps', '--json')).out) as ConsoleSummary[];
  assert.deepEqual(
    json.map(({ name }) => name),
    ['vac-02', 'vac-01', 'llrf'],
  );
  const rows = await host.list();
  assert.deepEqual(
    json,
    json.map(({ name }) => rows.find((row) => row.name === name)),
    'the rows of the API as they are',
  );
});

test('exit codes: usage 64, no such console 66, no server 69, down 3', async () => {
  assert.equal((await holdfastRuns()).code, 64);
  assert.equal((await holdfastRuns('nonsense')).code, 64);
  assert.equal((await holdfastRuns('ps', '--nope')).code, 64);
  assert.equal((await holdfastRuns('ps', '--state', 'dead')).code, 64);
  assert.equal((await holdfastRuns('status', 'nope')).code, 66);
  assert.equal((await holdfastRuns('status', 'llrf')).code, 3);
  assert.equal((await holdfastRuns('status', 'vac-01')).code, 0);
  const none = await holdfastRuns('ps', '--socket', join(folder, 'none'));
  assert.equal(none.code, 69);
  assert.match(none.err, /^holdfast: ps: no server answers on .*none: 'holdfast up' starts it/);
});

test('on a terminal, acting on more than one console asks first', async () => {
  for (const [answer, calls, code] of [
    ['n\r', 0, 64],
    ['y\r', 2, 0],
  ] as const) {
    const program = await PtyProgram.start([holdfast, 'restart', '-g', 'vac'], { HOLDFAST_SOCKET: socket });
    await program.until('restart 2 consoles (vac-01, vac-02)? [y/N]');
    program.type(answer);
    assert.equal((await program.ended).code, code);
    assert.equal(host.calls.length, calls);
    program.close();
  }
});

test('grep searches all logs, merges by time, and its exit code says whether anything matched', async () => {
  const { code, out } = await holdfastRuns('grep', 'econn', '-i');
  assert.equal(code, 0);
  assert.equal(out, 'vac-01: 2026-11-21T10:00:00Z ECONNREFUSED one\nllrf  : 2026-11-21T10:00:01Z ECONNREFUSED two\n');
  assert.equal((await holdfastRuns('grep', 'nowhere')).code, 1);
  assert.equal((await holdfastRuns('grep', '(')).code, 64);
  assert.equal((await holdfastRuns('grep', '(', '--fixed')).code, 1);
});

test('logs: into a pipe byte by byte, on a terminal without control characters', async () => {
  assert.equal((await holdfastRuns('logs', 'llrf')).out, '2026-11-21T10:00:01Z ECONNREFUSED \x1b[2Jtwo\n');
  const program = await PtyProgram.start([holdfast, 'logs', 'llrf'], { HOLDFAST_SOCKET: socket });
  assert.equal((await program.ended).code, 0);
  assert.equal(program.shown, '2026-11-21T10:00:01Z ECONNREFUSED two\r\n');
  program.close();
});

test('events --follow goes on over a restart of the server, with every event once, until Ctrl-C', async () => {
  host.emit({ type: 'note', console: 'vac-01', text: 'one' });
  const program = await PtyProgram.start([holdfast, 'events', 'vac-01', '-f'], { HOLDFAST_SOCKET: socket });
  await program.until('one');
  for (const deadline = Date.now() + 10_000; host.followers === 0; await new Promise(setImmediate)) {
    assert.ok(Date.now() < deadline, 'nobody follows');
  }
  host.emit({ type: 'note', console: 'vac-01', text: 'two' });
  await program.until('two');
  await server.kill();
  await program.until('-- the server is gone; waiting for it --');
  host.emit({ type: 'note', console: 'vac-01', text: 'three' });
  host.emit({ type: 'note', console: 'llrf', text: 'of another' });
  server = await serveControl(host, socket);
  await program.until('three');
  const shown = program.shown.match(/one|two|three|of another|the server is gone/g);
  assert.deepEqual(shown, ['one', 'two', 'the server is gone', 'three']);
  program.type('\x03');
  assert.equal((await program.ended).code, 0);
  program.close();
  assert.equal((await holdfastRuns('events', '--follow', '--socket', join(folder, 'none'))).code, 69);
});

test('logs --follow ends with 69 and says why when the server goes', async () => {
  const program = await PtyProgram.start([holdfast, 'logs', 'vac-01', '-f'], { HOLDFAST_SOCKET: socket });
  await program.until('fine');
  await server.kill();
  assert.equal((await program.ended).code, 69);
  assert.match(program.shown, /holdfast: logs: the server went /);
  program.close();
});

test('watch shows whole lines of several consoles with their names, until Ctrl-C', async () => {
  host.consoles.get('vac-01')?.say('history\r\n');
  const program = await PtyProgram.start([holdfast, 'watch', 'vac-01', 'llrf'], { HOLDFAST_SOCKET: socket });
  await program.until('vac-01 | history\r\n');
  host.consoles.get('llrf')?.say('half');
  host.consoles.get('vac-01')?.say('\x1b[2Jnews\r\n');
  host.consoles.get('llrf')?.say(' and half\r\n');
  await program.until('llrf   | half and half\r\n');
  await program.until('vac-01 | news\r\n');
  program.type('\x03');
  assert.equal((await program.ended).code, 0);
  program.close();
});

test('piped input is sent to a console, and its answer within the linger time is shown', async () => {
  const console = host.consoles.get('vac-01');
  const shell = `echo dbl | ${holdfast} attach vac-01 --write --linger 2s`;
  const program = await PtyProgram.start(['/bin/sh', '-c', shell], { HOLDFAST_SOCKET: socket });
  for (const deadline = Date.now() + 10_000; console?.input !== 'dbl\n'; await new Promise(setImmediate)) {
    assert.ok(Date.now() < deadline, `typed: ${console?.input}`);
  }
  console?.say('A\r\nB\r\n');
  await program.until(/A\s+B/);
  assert.equal((await program.ended).code, 0);
  program.close();
});

test('piped input that may not be sent is exit code 75', async () => {
  const first = await PtyProgram.start([holdfast, 'attach', 'vac-01', '-w'], { HOLDFAST_SOCKET: socket });
  await first.until('you have the keyboard');
  const shell = `echo dbl | ${holdfast} attach vac-01 --write`;
  const second = await PtyProgram.start(['/bin/sh', '-c', shell], { HOLDFAST_SOCKET: socket });
  assert.equal((await second.ended).code, 75);
  assert.equal(host.consoles.get('vac-01')?.input, '');
  first.close();
  second.close();
});

test('every command has --help', async () => {
  const { out } = await holdfastRuns('help');
  for (const [, name] of out.matchAll(/^ {2}([a-z]+) {2,}/gm)) {
    if (name !== 'import') {
      const help = await holdfastRuns(name as string, '--help');
      assert.equal(help.code, 0, name);
      assert.match(help.out, new RegExp(`^usage: holdfast ${name}`));
    }
  }
});
