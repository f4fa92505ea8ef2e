import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { native, type SpawnRequest } from '../../src/platform/native.ts';
import { endEveryChild, spawnChild, TerminalChild } from '../harness/terminal-child.ts';

after(endEveryChild);

const folder = mkdtempSync(join(tmpdir(), 'hf-spawn-'));
const { nofile = -1 } = native.rlimit;
const READY = ['sh', '-c', 'echo ready; read line'];

/** A child that waits for a line, seen from outside by `look`. */
async function whileWaiting(request: Partial<SpawnRequest>, look: (child: TerminalChild) => void): Promise<void> {
  const child = await TerminalChild.start(READY, request);
  try {
    await child.until('ready');
    look(child);
  } finally {
    await child.kill();
  }
}

async function failed(request: Partial<SpawnRequest> & { argv: readonly string[] }) {
  const child = await spawnChild(request);
  const pty = native.openPty(child.fd, { data: () => undefined, end: () => pty.close(), drain: () => undefined });
  const end = await child.ended;
  assert.equal(end.code, 255);
  assert.equal(end.signal, null);
  return child.failure;
}

test('a process without standard descriptors still gives them to its children', async () => {
  const code = `
    import { closeSync, writeSync } from 'node:fs';
    import { TerminalChild } from '${new URL('../harness/terminal-child.ts', import.meta.url)}';
    closeSync(0); closeSync(2);
    const child = await TerminalChild.start(['sh', '-c', 'LC_ALL=C ls -l /proc/$$/fd; echo over >&2']);
    await child.closed;
    writeSync(1, child.text);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  assert.match(await text(parent.stdout), /^total 0\r\n(.* [012] -> \/dev\/pts\/\d+\r\n){3}over\r\n$/);
});

test('a child writes itself into the cgroup file before it becomes the program', async () => {
  const cgroupProcs = join(folder, 'cgroup.procs');
  writeFileSync(cgroupProcs, '');
  await whileWaiting({ cgroupProcs }, () => assert.equal(readFileSync(cgroupProcs, 'latin1'), '0'));
  const failure = await failed({ argv: ['true'], cgroupProcs: join(folder, 'none', 'cgroup.procs') });
  assert.deepEqual([failure?.step, failure?.code], ['cgroup', 'ENOENT']);
});

test('a failing step is named with its errno, and the child ends with 255', async () => {
  assert.deepEqual(await failed({ argv: ['no-such-program'] }), {
    step: 'exec',
    errno: 2,
    code: 'ENOENT',
    message: 'No such file or directory',
  });
  const inNowhere = await failed({ argv: ['true'], cwd: join(folder, 'nowhere') });
  assert.deepEqual([inNowhere?.step, inNowhere?.code], ['chdir', 'ENOENT']);
  const inFile = await failed({ argv: ['true'], cwd: '/etc/passwd' });
  assert.deepEqual([inFile?.step, inFile?.code], ['chdir', 'ENOTDIR']);
  const limits = [[nofile, 2 ** 40, 2 ** 40]] as const;
  const tooMany = await failed({ argv: ['true'], limits });
  assert.deepEqual([tooMany?.step, tooMany?.code], ['limits', 'EPERM']);
});

test('a malformed request starts nothing', () => {
  const good = { file: 'true', argv: ['true'], columns: 80, rows: 24 };
  const bad = [
    { ...good, uid: Number.NaN },
    { ...good, uid: '1000' },
    { ...good, uid: -1 },
    { ...good, gid: 2 ** 32 },
    { ...good, umask: 1.5 },
    { ...good, cwd: 7 },
    { ...good, cwd: '/tmp\0/x' },
    { ...good, file: 'tr\0ue' },
    { ...good, argv: [] },
    { ...good, argv: ['true', 1] },
    { ...good, env: 'PATH=/bin' },
    { ...good, groups: [1, '2'] },
    { ...good, groups: Array.from({ length: 2000 }, (_, i) => i) },
    { ...good, limits: [['nofile', 1, 1]] },
    { ...good, limits: [[7, '1', 1]] },
    { ...good, cgroupProcs: 3 },
  ];
  for (const request of bad) {
    assert.throws(
      () => native.spawn(request as never, () => assert.fail('it was started')),
      TypeError,
      JSON.stringify(request),
    );
  }
  assert.throws(() => native.spawn(good, 'done' as never), TypeError);
});

test('without a free descriptor there is an error and no child', async () => {
  const code = `
    import { openSync } from 'node:fs';
    import { native } from '${new URL('../../src/platform/native.ts', import.meta.url)}';
    const room = []; try { for (;;) room.push(openSync('/dev/null')); } catch {}
    native.spawn({ file: 'true', argv: ['true'], columns: 0, rows: 0 }, (error) => process.stdout.write(error.code));`;
  const command = 'ulimit -n 64; exec "$0" --input-type=module -e "$1"';
  const parent = spawn('sh', ['-c', command, process.execPath, code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(parent, 'exit');
  assert.equal(await text(parent.stdout), 'EMFILE');
  assert.deepEqual(await exit, [0, null]);
});
