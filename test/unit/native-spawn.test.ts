import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { native, type SpawnRequest } from '../../src/platform/native.ts';
import { endEveryChild, spawnChild, TerminalChild } from '../terminal-child.ts';

after(endEveryChild);

const notRoot = process.getuid?.() === 0 ? false : 'needs root';
const folder = mkdtempSync(join(tmpdir(), 'hf-spawn-'));
const { core = -1, nofile = -1, stack = -1 } = native.rlimit;
const READY = ['sh', '-c', 'echo ready; read line'];

function status(pid: number | 'self', key: string): string {
  const found = new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return found?.[1]?.trim() ?? '';
}

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

function program(path: string, content: string, mode = 0o755): void {
  writeFileSync(path, content);
  chmodSync(path, mode);
}

test('a child has one terminal as 0, 1, 2 and nothing else, whatever this process has inherited', async () => {
  const code = `
    import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
    import { TerminalChild } from '${new URL('../terminal-child.ts', import.meta.url)}';
    const flags = /flags:\\s*(\\d+)/.exec(readFileSync('/proc/self/fdinfo/40', 'latin1'))[1];
    const child = await TerminalChild.start(${JSON.stringify(READY)});
    await child.until('ready');
    const links = readdirSync('/proc/' + child.pid + '/fd').map((fd) => [fd, readlinkSync('/proc/' + child.pid + '/fd/' + fd)]);
    await child.kill();
    console.log(JSON.stringify({ closesOnExec: (parseInt(flags, 8) & 0o2000000) !== 0, links }));`;
  // Node closes low inherited descriptors on exec by itself; those behind a gap it does not find.
  const parent = spawn('bash', ['-c', 'exec 40</dev/null "$0" --input-type=module -e "$1"', process.execPath, code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { closesOnExec, links } = JSON.parse(await text(parent.stdout));
  assert.equal(closesOnExec, false, 'descriptor 40 would not be inherited anyhow: the test shows nothing');
  assert.deepEqual(links.map(([fd]: string[]) => fd).sort(), ['0', '1', '2']);
  assert.match(links[0][1], /^\/dev\/pts\/\d+$/);
  assert.equal(new Set(links.map(([, path]: string[]) => path)).size, 1);
});

test('a process without standard descriptors gives its children theirs', async () => {
  const code = `
    import { closeSync, writeSync } from 'node:fs';
    import { TerminalChild } from '${new URL('../terminal-child.ts', import.meta.url)}';
    closeSync(0); closeSync(2);
    const child = await TerminalChild.start(['sh', '-c', 'ls -l /proc/$$/fd | grep -c pts; echo over >&2']);
    await child.closed;
    writeSync(1, child.text);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  assert.equal(await text(parent.stdout), '3\r\nover\r\n');
});

test('a child blocks and ignores no signal, although this process ignores SIGPIPE', async () => {
  assert.notEqual(BigInt(`0x${status('self', 'SigIgn')}`) & (1n << 12n), 0n);
  await whileWaiting({}, ({ pid }) => {
    assert.equal(BigInt(`0x${status(pid, 'SigBlk')}`), 0n);
    assert.equal(BigInt(`0x${status(pid, 'SigIgn')}`), 0n);
  });
});

test('a child leads its session and the foreground group of its controlling terminal', async () => {
  await whileWaiting({}, ({ pid }) => {
    const [, , group, session, terminal, foreground] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number);
    assert.deepEqual([group, session, foreground], [pid, pid, pid]);
    assert.equal(terminal, statSync(readlinkSync(`/proc/${pid}/fd/0`)).rdev);
  });
});

test('the window has the size asked for, and a change of it is signalled', async () => {
  // sigwait, as a handler would not be run when the signal comes just before Python begins to wait for something else.
  const watcher = `import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
print('first', os.get_terminal_size(0), flush=True)
signal.sigwait([signal.SIGWINCH])
print('now', os.get_terminal_size(0), flush=True)`;
  const child = await TerminalChild.start(['python3', '-c', watcher], { columns: 132, rows: 43 });
  await child.until('first os.terminal_size(columns=132, lines=43)');
  child.terminal.resize(100, 30);
  await child.until('now os.terminal_size(columns=100, lines=30)');
  assert.equal((await child.ended).code, 0);
  await child.closed;
});

test('directory, umask and limits are those asked for', async () => {
  const limits = [
    [core, 0, null],
    [nofile, 64, 128],
    [stack, 1 << 20, null],
  ] as const;
  const own = /Max stack size +\S+ +(\S+)/.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  await whileWaiting({ cwd: folder, umask: 0o027, limits }, ({ pid }) => {
    assert.equal(readlinkSync(`/proc/${pid}/cwd`), folder);
    assert.equal(status(pid, 'Umask'), '0027');
    const seen = readFileSync(`/proc/${pid}/limits`, 'latin1');
    assert.match(seen, /Max core file size +0 /);
    assert.match(seen, /Max open files +64 +128 /);
    assert.match(seen, new RegExp(`Max stack size +1048576 +${own} `));
  });
});

test('user, group and supplementary groups are set, and the terminal is the user’s', { skip: notRoot }, async () => {
  await whileWaiting({ uid: 65534, gid: 65533, groups: [7, 8], cwd: '/' }, ({ pid }) => {
    assert.equal(status(pid, 'Uid'), '65534\t65534\t65534\t65534');
    assert.equal(status(pid, 'Gid'), '65533\t65533\t65533\t65533');
    assert.equal(status(pid, 'Groups'), '7 8');
  });
  const child = await TerminalChild.start(['sh', '-c', 'echo again > /dev/stdout'], {
    uid: 65534,
    gid: 65534,
    groups: [],
  });
  await child.closed;
  assert.equal(child.text, 'again\r\n');
});

test('a child writes itself into the cgroup file before it becomes the program', async () => {
  const cgroupProcs = join(folder, 'cgroup.procs');
  writeFileSync(cgroupProcs, '');
  await whileWaiting({ cgroupProcs }, () => assert.equal(readFileSync(cgroupProcs, 'latin1'), '0'));
  const failure = await failed({ argv: ['true'], cgroupProcs: join(folder, 'none', 'cgroup.procs') });
  assert.deepEqual([failure?.step, failure?.code], ['cgroup', 'ENOENT']);
});

test('the environment is the one given, whole', async () => {
  const env = ['PATH=/usr/bin:/bin', 'EMPTY=', 'UMLAUT=\u00e4\u20ac', 'EQUALS=a=b=c', `LONG=${'x'.repeat(3000)}`];
  const child = await TerminalChild.start(['env'], { env });
  await child.closed;
  assert.deepEqual(child.text.trimEnd().split('\r\n'), env);
});

test('the program is searched in the PATH of its own environment, past what cannot run', async () => {
  const [first, second, third] = ['one', 'two', 'three'].map((name) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  });
  program(join(first ?? '', 'tool'), '#!/bin/sh\necho wrong\n', 0o644);
  program(join(second ?? '', 'tool'), '#!/bin/sh\necho "right $1"\n');
  program(join(folder, 'plain'), '');
  const PATH = `PATH=/nonexistent:${join(folder, 'plain')}:${first}:${second}:${third}`;
  const child = await TerminalChild.start(['any name', 'word'], { file: 'tool', env: [PATH] });
  await child.closed;
  assert.equal(child.text, 'right word\r\n');
  const denied = await failed({ argv: ['tool'], env: [`PATH=${first}:${third}`] });
  assert.deepEqual([denied?.step, denied?.code], ['exec', 'EACCES']);
  const empty = await failed({ argv: [''], env: [PATH] });
  assert.deepEqual([empty?.step, empty?.code], ['exec', 'ENOENT']);
});

test('a script without an interpreter line runs in the shell, with its arguments', async () => {
  program(join(folder, 'script'), 'echo "$0" "$1" "$#"\n');
  const child = await TerminalChild.start(['script', 'a b', 'c'], { file: join(folder, 'script') });
  await child.closed;
  assert.equal(child.text, `${join(folder, 'script')} a b 2\r\n`);
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

test('what is no request starts nothing', () => {
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

test('without a descriptor left there is no child but an error', async () => {
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

test('the group exists when the start is reported: a kill hits', async () => {
  for (let i = 0; i < 50; i++) {
    const child = await spawnChild({ argv: ['sleep', '1000'] });
    process.kill(-child.pid, 'SIGTERM');
    assert.equal((await child.ended).signal, 15);
    native.openPty(child.fd, { data: () => undefined, end: () => undefined, drain: () => undefined }).close();
  }
});
