import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants as files,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { native } from '../../src/platform/native.ts';
import { atEnd } from '../harness/at-end.ts';
import { isRoot, status, temporaryDirectory } from '../harness/machine.ts';
import { PtyChild, run } from '../harness/pty-child.ts';

const ROOT_ONLY = !isRoot && 'needs root';
const { SIGKILL } = constants.signals;
const { O_NONBLOCK, O_RDONLY } = files;

/** The descriptors of a process, as `fd target`. */
function open(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => `${fd} ${readlinkSync(`/proc/${pid}/fd/${fd}`)}`);
}

test('a child has descriptors 0, 1 and 2, on one terminal', async () => {
  // Before its first output the loader has the libraries open.
  const child = await PtyChild.spawn(['sh', '-c', 'echo ready; read line']);
  await child.said.expect(/ready/);
  const [stdin, ...others] = open(child.pid);
  assert.match(stdin as string, /^0 \/dev\/pts\/\d+$/);
  const terminal = (stdin as string).slice(2);
  assert.deepEqual(others, [`1 ${terminal}`, `2 ${terminal}`]);
  child.pty.write(Buffer.from('\n'));
  assert.equal((await child.finish()).code, 0);
});

const FIXTURE = join(import.meta.dirname, '../fixtures/descriptors.ts');

test('descriptors that this process inherited without close-on-exec stay here', async () => {
  // 40 and not 4: the runtime marks descriptors open at its start, up to the first gap.
  const script = 'exec 40</dev/null 41</etc/passwd; exec "$0" "$@"';
  const { stdout } = await promisify(execFile)('bash', ['-c', script, process.execPath, FIXTURE]);
  const { inherited, child } = JSON.parse(stdout) as { inherited: string; child: string[] };
  assert.equal(Number.parseInt(/flags:\s*(\d+)/.exec(inherited)?.[1] ?? '', 8) & 0o2000000, 0, '40 is inheritable');
  assert.deepEqual(child, ['0', '1', '2']);
});

test('a child starts with an empty signal mask and default dispositions', async () => {
  assert.notEqual(Number.parseInt(status('self', 'SigIgn'), 16), 0, 'the runtime ignores SIGPIPE: the test can fail');
  const child = await PtyChild.spawn(['cat']);
  for (const set of ['SigBlk', 'SigIgn', 'SigCgt']) {
    assert.equal(status(child.pid, set), '0000000000000000', set);
  }
  process.kill(-child.pid, SIGKILL);
  await child.finish();
});

test('a child leads its session and its group, in the foreground of its controlling terminal', async () => {
  const { output } = await run(['sh', '-c', 'exec cat /proc/self/stat']);
  const [pid, rest] = output.split(/ \(.*\) /) as [string, string];
  const [, , group, session, terminal, foreground] = rest.split(' ');
  assert.deepEqual([group, session, foreground], [pid, pid, pid]);
  assert.notEqual(terminal, '0');
});

test('the window has the size asked for, and changes with a SIGWINCH', async () => {
  const script = `sleep 1000 & trap 'stty size; kill $!; exit 7' WINCH; stty size; wait`;
  const child = await PtyChild.spawn(['sh', '-c', script], { columns: 132, rows: 43 });
  await child.said.expect(/^43 132\r\n/);
  child.pty.resize(100, 30);
  await child.said.expect(/^30 100\r\n/);
  assert.equal((await child.finish()).code, 7);
});

test('a terminal that was never given a size is 0 x 0', async () => {
  assert.equal((await run(['stty', 'size'], { columns: 0, rows: 0 })).output, '0 0\n');
});

test('working directory, umask and environment', async (t) => {
  const cwd = realpathSync(temporaryDirectory(t));
  const { output } = await run(['/bin/sh', '-c', 'pwd; umask; /usr/bin/env -u PWD'], {
    cwd,
    umask: 0o027,
    env: ['ONE=1', 'EMPTY=', 'SPACE=a b', 'TEXT=Größe'],
  });
  const text = Buffer.from(output, 'latin1').toString();
  assert.deepEqual(text.trim().split('\n').slice(0, 2), [cwd, '0027']);
  const env = text.trim().split('\n').slice(2);
  assert.deepEqual(env.filter((entry) => !/^(?:_|OLDPWD)=/.test(entry)).sort(), [
    'EMPTY=',
    'ONE=1',
    'SPACE=a b',
    'TEXT=Größe',
  ]);
});

test('without its own environment a child has our current one', async (t) => {
  process.env.HOLDFAST_TEST_MOMENT = 'now';
  atEnd(t, () => delete process.env.HOLDFAST_TEST_MOMENT);
  assert.equal((await run(['sh', '-c', 'echo $HOLDFAST_TEST_MOMENT'])).output, 'now\n');
});

test('user, group and supplementary groups', { skip: ROOT_ONLY }, async () => {
  const { output } = await run(['sh', '-c', 'id -u; id -g; id -G; grep -E "^(Uid|Gid)" /proc/self/status'], {
    uid: 65534,
    gid: 12345,
    groups: [12345, 4, 27],
  });
  assert.deepEqual(output.replaceAll('\t', ' ').trim().split('\n'), [
    '65534',
    '12345',
    '12345 4 27',
    'Uid: 65534 65534 65534 65534',
    'Gid: 12345 12345 12345 12345',
  ]);
});

test('no supplementary groups are an empty list', { skip: ROOT_ONLY }, async () => {
  assert.equal((await run(['id', '-G'], { uid: 65534, gid: 65534, groups: [] })).output, '65534\n');
});

test('a directory that only root may enter is refused to the user', { skip: ROOT_ONLY }, async (t) => {
  const cwd = join(temporaryDirectory(t), 'closed');
  mkdirSync(cwd, { mode: 0o700 });
  const { failure, end } = await run(['pwd'], { cwd, uid: 65534, gid: 65534, groups: [] });
  assert.deepEqual([failure?.step, failure?.code, end.code], ['chdir', 'EACCES', 255]);
});

test('limits: soft, hard, both, unlimited', async () => {
  const { core, nofile, cpu } = native.rlimit as { core: number; nofile: number; cpu: number };
  const limits = [
    [core, 0, null],
    [nofile, 100, 200],
    [cpu, null, 5000],
  ] as const;
  const { output } = await run(['sh', '-c', 'ulimit -Sc; ulimit -Sn; ulimit -Hn; ulimit -Ht'], { limits });
  assert.equal(output, '0\n100\n200\n5000\n');
  assert.equal((await run(['sh', '-c', 'ulimit -Sc'], { limits: [[core, -1, null]] })).output, 'unlimited\n');
});

test('the program is looked for in the PATH of the child', async (t) => {
  const directory = temporaryDirectory(t);
  const [empty, first, second] = ['empty', 'first', 'second'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [empty, first, second]) {
    mkdirSync(folder);
  }
  writeFileSync(join(first, 'tool'), '#!/bin/sh\necho first\n', { mode: 0o644 });
  writeFileSync(join(second, 'tool'), '#!/bin/sh\necho "second $0 $1"\n', { mode: 0o755 });
  const env = [`PATH=${empty}:/nonexistent:${first}:${second}`];
  // A file that may not be executed is skipped for one that may, as by execvp(3).
  assert.equal((await run(['tool', 'word'], { env })).output, `second ${second}/tool word\n`);
  const { failure } = await run(['tool'], { env: [`PATH=${empty}:${first}`] });
  assert.deepEqual([failure?.step, failure?.code, failure?.message], ['exec', 'EACCES', 'Permission denied']);
  // An empty word of the PATH is the working directory.
  assert.match((await run(['tool'], { env: ['PATH='], cwd: second })).output, /^second /);
});

test('a script without #! line is run by the shell, its arguments as they are', async (t) => {
  const script = join(temporaryDirectory(t), 'script');
  writeFileSync(script, 'echo "$0|$1|$2"\n');
  chmodSync(script, 0o755);
  assert.equal((await run([script, 'a b', ''])).output, `${script}|a b|\n`);
});

test('argv[0] need not be the program', async () => {
  assert.equal((await run(['odd name', '-c', 'echo "$0"'], { file: '/bin/sh' })).output, 'odd name\n');
});

const FAILURES = [
  { what: 'program that is not there', argv: ['/nonexistent/ioc'], step: 'exec', code: 'ENOENT' },
  { what: 'name that is not in the PATH', argv: ['holdfast-no-such-tool'], step: 'exec', code: 'ENOENT' },
  { what: 'directory as a program', argv: ['/'], step: 'exec', code: 'EACCES' },
  { what: 'empty name', argv: [''], step: 'exec', code: 'ENOENT' },
  { what: 'directory that is not there', argv: ['true'], cwd: '/nonexistent', step: 'chdir', code: 'ENOENT' },
  { what: 'file as a directory', argv: ['true'], cwd: '/etc/passwd', step: 'chdir', code: 'ENOTDIR' },
] as const;

for (const { what, argv, step, code, ...request } of FAILURES) {
  test(`failed start: ${what}`, async () => {
    const { failure, end, output } = await run(argv, request);
    assert.equal(failure?.step, step);
    assert.equal(failure?.code, code);
    assert.equal(failure?.errno, (constants.errno as Record<string, number>)[code]);
    assert.notEqual(failure?.message, '');
    assert.equal(end.code, 255);
    assert.equal(output, '');
  });
}

test('a wrong request is a TypeError and starts nothing', () => {
  assert.throws(() => native.spawn({} as never, () => undefined), TypeError);
  assert.throws(() => native.spawn({ file: 'true', argv: [], columns: 0, rows: 0 }, () => undefined), TypeError);
  assert.throws(
    () => native.spawn({ file: 'true', argv: [1 as never], columns: 0, rows: 0 }, () => undefined),
    TypeError,
  );
});

test('starts that hang, as on a dead file server, hold up no other start and nothing in the runtime', async (t) => {
  const gate = join(temporaryDirectory(t), 'gate');
  execFileSync('mkfifo', [gate]);
  // Opening a FIFO without a reader takes forever, and happens at the point where a hung directory would stop the child
  // too.
  const hung = Array.from({ length: 6 }, () => PtyChild.spawn(['true'], { cgroupProcs: gate }));
  atEnd(t, async () => {
    closeSync(openSync(gate, O_RDONLY | O_NONBLOCK));
    await Promise.all(hung);
  });
  assert.equal((await run(['sh', '-c', 'echo through'])).output, 'through\n');
  assert.ok((await stat('/')).isDirectory(), 'the pool of libuv has a thread left');
  const reader = openSync(gate, O_RDONLY | O_NONBLOCK);
  atEnd(t, () => closeSync(reader));
  for (const child of await Promise.all(hung)) {
    assert.equal((await child.finish()).code, 0);
  }
});
