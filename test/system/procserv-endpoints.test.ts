import assert from 'node:assert/strict';
import { closeSync, existsSync, lstatSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { native } from '../../src/platform/native.ts';
import { Client } from '../harness/client.ts';
import { isRoot, temporaryDirectory } from '../harness/machine.ts';
import { PROCSERV, ProcServ, Program, runProcServ } from '../harness/procserv.ts';
import { Terminal } from '../harness/terminal.ts';
import { until } from '../harness/until.ts';

const { EADDRINUSE, EEXIST, ENOENT } = os.errno;

/** Leaves the socket of a server that died without a chance to clean up. */
function staleSocket(directory: string): string {
  const socket = join(directory, 'control');
  closeSync(native.listenUnix(socket, 1));
  assert.ok(lstatSync(socket).isSocket());
  return socket;
}

test('a second server on the same unix socket is refused, and the first does not notice', async (t) => {
  const first = await ProcServ.start(t, ['sh', '-c', 'echo ready; while read word; do echo "said $word"; done']);
  const client = await first.attach();
  await client.expect(/ready\r\n/);
  const { code, stdout, stderr } = await runProcServ(t, ['-f', `unix:${first.control}`, 'cat']);
  assert.equal(code, EADDRINUSE);
  assert.equal(stdout, '');
  assert.equal(
    stderr,
    `Caught an exception creating the initial control telnet port: ${first.control} is in use by process ${first.pid}\n` +
      `${PROCSERV}: Exiting with error code: ${EADDRINUSE}\n`,
  );
  client.send('one\n');
  await client.expect(/said one\r\n/);
  await (await first.attach()).expect(/Welcome/);
});

test('a regular file at the path of the socket is refused, and stays', async (t) => {
  const path = join(temporaryDirectory(t), 'control');
  writeFileSync(path, 'precious');
  const { code, stderr } = await runProcServ(t, ['-f', `unix:${path}`, 'cat']);
  assert.equal(code, EEXIST);
  assert.match(stderr, /control exists and is not a socket: remove it or name another path\n/);
  assert.equal(readFileSync(path, 'utf8'), 'precious');
});

test('a socket in a directory that is not there', async (t) => {
  const { code, stderr } = await runProcServ(t, ['-f', 'unix:/nonexistent/control', 'cat']);
  assert.equal(code, ENOENT);
  assert.match(stderr, /No such file or directory\n.*: Exiting with error code: 2\n$/s);
});

test('a log endpoint that fails is named, and the control socket is removed again', async (t) => {
  const cwd = temporaryDirectory(t);
  writeFileSync(join(cwd, 'log'), '');
  const { code, stderr } = await runProcServ(t, ['-f', '-l', 'unix:log', 'unix:control', 'cat'], { cwd });
  assert.equal(code, EEXIST);
  assert.match(stderr, /^Caught an exception creating the initial log telnet port: /);
  assert.equal(existsSync(join(cwd, 'control')), false);
});

test('a stale socket is replaced', async (t) => {
  const directory = temporaryDirectory(t);
  const socket = staleSocket(directory);
  const server = await ProcServ.start(t, ['cat'], { endpoint: `unix:${socket}` });
  await (await Client.connect(socket)).expect(new RegExp(`PID: ${server.pid}\r\n`));
});

test('a socket that another program has put in our place stays when we end', async (t) => {
  const server = await ProcServ.start(t, ['cat']);
  renameSync(server.control, `${server.control}.old`);
  staleSocket(server.directory);
  await server.terminate();
  assert.equal(existsSync(server.control), true);
});

test('of several servers racing for one stale socket exactly one wins, and is reached', async (t) => {
  for (let round = 0; round < 8; round++) {
    const directory = temporaryDirectory(t);
    const socket = staleSocket(directory);
    const racers = Array.from({ length: 3 }, () => new Program(t, PROCSERV, ['-f', `unix:${socket}`, 'cat']));
    const lost = new Map<Program, number | null>();
    for (const racer of racers) {
      void racer.exited.then(({ code }) => lost.set(racer, code));
    }
    await until('all but one have given up', () => lost.size === racers.length - 1);
    assert.deepEqual([...lost.values()], [EADDRINUSE, EADDRINUSE]);
    const winner = racers.find((racer) => !lost.has(racer)) as Program;
    const client = await Client.connect(socket);
    await client.expect(new RegExp(`procServ server PID: ${winner.pid}\r\n`));
    winner.process.kill('SIGTERM');
    await winner.exited;
    assert.equal(existsSync(socket), false);
  }
});

test('owner, group and mode of a socket', { skip: !isRoot && 'needs root' }, async (t) => {
  const server = await ProcServ.start(t, ['cat'], { endpoint: 'unix:65534:12345:640:control' });
  const { uid, gid, mode } = statSync(server.control);
  assert.deepEqual([uid, gid, mode & 0o777], [65534, 12345, 0o640]);
});

test('an abstract socket leaves no file', async (t) => {
  const name = `@holdfast-procserv-${process.pid}`;
  const server = await ProcServ.start(t, ['cat'], { endpoint: `unix:${name}` });
  assert.match(server.info, new RegExp(`^unix:${name}$`, 'm'));
  assert.equal(existsSync(join(server.directory, name)), false);
  await (await Client.connect(name.replace('@', '\0'))).expect(/Welcome/);
});

for (const mode of ['-f', '-d -f']) {
  test(`${mode}: a terminal on standard input is a user, and is given back as it was`, async (t) => {
    const cwd = temporaryDirectory(t);
    const script = `stty -a >before; "$0" ${mode} -x ^Y unix:control sh -c 'echo ready; while read word; do echo "said $word"; done'; echo "status $?"; stty -a >after`;
    const terminal = await Terminal.run(t, ['sh', '-c', script, PROCSERV], { cwd });
    await terminal.expect(/Welcome to procServ/);
    await terminal.expect(/ready\r+\n/);
    terminal.type('one\n');
    await terminal.expect(/said one\r+\n/);
    assert.equal(terminal.said.text.split('said one').length, 2, 'shown once');
    const client = await Client.connect(join(cwd, 'control'));
    await client.expect(/@@@ 1 user\(s\) and 0 logger\(s\)/);
    const [, pid] = /procServ server PID: (\d+)/.exec(client.said.text) as RegExpExecArray;
    // The keyboard's signals are not for the server.
    process.kill(Number(pid), 'SIGINT');
    terminal.type('two\n');
    await client.expect(/said two\r\n/);
    process.kill(Number(pid), 'SIGTERM');
    await terminal.expect(/status 0\r\n/);
    await terminal.ended;
    assert.equal(readFileSync(join(cwd, 'after'), 'utf8'), readFileSync(join(cwd, 'before'), 'utf8'));
  });
}
