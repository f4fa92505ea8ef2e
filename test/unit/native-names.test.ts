import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, lstatSync, openSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { native } from '../../src/platform/native.ts';
import { stampMaker, strftime } from '../../src/platform/strftime.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { Transcript } from '../harness/transcript.ts';
import { until } from '../harness/until.ts';

const MOMENT = Date.UTC(2026, 10, 21, 9, 8, 7, 45);

test('users and groups as the system knows them', () => {
  const me = userInfo();
  assert.deepEqual(native.userByName(me.username), {
    name: me.username,
    uid: me.uid,
    gid: me.gid,
    home: me.homedir,
    shell: me.shell,
  });
  assert.equal(native.userByName('holdfast-nobody-has-this-name'), undefined);
  assert.equal(native.groupByName(execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()), me.gid);
  assert.equal(native.groupByName('holdfast-no-such-group'), undefined);
  const groups = execFileSync('id', ['-G', me.username], { encoding: 'utf8' }).trim().split(' ').map(Number);
  assert.deepEqual(native.groupsOf(me.username, me.gid).sort(), groups.sort());
  assert.throws(() => native.userByName(7 as never), TypeError);
});

test('strftime is that of date(1)', () => {
  for (const format of ['%Y-%m-%d %H:%M:%S', '%c', '[%c] ', '%%', '%j %U %z', 'no directive', '']) {
    const args = ['-d', `@${Math.floor(MOMENT / 1000)}`, `+${format}`];
    const env = { ...process.env, LC_ALL: 'C' };
    assert.equal(strftime(format, MOMENT), execFileSync('date', args, { encoding: 'utf8', env }).slice(0, -1), format);
  }
});

const FRACTIONS = [
  ['%f', '045000'],
  ['%3N', '045'],
  ['%6N', '045000'],
  ['%9N', '045000000'],
  ['%N', '045000000'],
  ['%%f', '%f'],
  ['%%%f', '%045000'],
  ['%%3N', '%3N'],
] as const;

for (const [format, expected] of FRACTIONS) {
  test(`fractions of a second: ${format}`, () => assert.equal(strftime(format, MOMENT), expected));
}

test('a moment before 1970 has a fraction, too', () => assert.equal(strftime('%3N', -955), '045'));

test('stamps follow the clock as finely as their format shows', () => {
  const text = (make: (at: number) => Uint8Array, at: number): string => Buffer.from(make(at)).toString();
  const coarse = stampMaker('%S ');
  assert.deepEqual(
    [text(coarse, MOMENT), text(coarse, MOMENT + 900), text(coarse, MOMENT + 955)],
    ['07 ', '07 ', '08 '],
  );
  const fine = stampMaker('%S.%3N ');
  assert.deepEqual([text(fine, MOMENT), text(fine, MOMENT + 1)], ['07.045 ', '07.046 ']);
  // A literal %% hides nothing and shows nothing.
  const tricky = stampMaker('%%%f');
  assert.deepEqual([text(tricky, MOMENT), text(tricky, MOMENT + 1)], ['%045000', '%046000']);
});

test('listenTcp: loopback, kernel-chosen port, IPv6 beside IPv4 on one port', async (t) => {
  const four = native.listenTcp('127.0.0.1', 4, 0, 16);
  const port = native.boundPort(four);
  assert.ok(port > 0);
  atEnd(t, () => closeSync(four));
  assert.throws(() => native.listenTcp('127.0.0.1', 4, port, 16), { code: 'EADDRINUSE' });
  assert.throws(() => native.listenTcp('localhost', 4, 0, 16), { code: 'EINVAL' });
  assert.throws(() => native.listenTcp('192.0.2.1', 4, 0, 16), { code: 'EADDRNOTAVAIL' });
  const six = native.listenTcp('::', 6, port, 16);
  atEnd(t, () => closeSync(six));
  assert.equal(native.boundPort(six), port);
  const socket = connect(port, '127.0.0.1');
  atEnd(t, () => socket.destroy());
  await once(socket, 'connect');
});

test('listenUnix makes a socket that nobody else may open, and refuses a path in use', (t) => {
  const path = join(temporaryDirectory(t), 'socket');
  const fd = native.listenUnix(path, 4);
  atEnd(t, () => closeSync(fd));
  const made = lstatSync(path);
  assert.ok(made.isSocket());
  assert.equal(made.mode & 0o777, 0);
  assert.throws(() => native.listenUnix(path, 4), { code: 'EADDRINUSE' });
  assert.throws(() => native.listenUnix(`/tmp/${'x'.repeat(103)}`, 4), { code: 'ENAMETOOLONG' });
  assert.throws(() => native.listenUnix('/nonexistent/socket', 4), { code: 'ENOENT' });
});

test('probeUnix distinguishes a live socket from a dead one', (t) => {
  const path = join(temporaryDirectory(t), 'socket');
  const fd = native.listenUnix(path, 4);
  try {
    assert.equal(native.probeUnix(path), process.pid);
  } finally {
    closeSync(fd);
  }
  assert.equal(native.probeUnix(path), undefined);
  const name = `@holdfast-test-${process.pid}`;
  assert.equal(native.probeUnix(name), undefined);
  const abstract = native.listenUnix(name, 4);
  atEnd(t, () => closeSync(abstract));
  assert.equal(native.probeUnix(name), process.pid);
  assert.throws(() => native.listenUnix(name, 4), { code: 'EADDRINUSE' });
});

test('a live socket with a full backlog is in use', (t) => {
  const path = join(temporaryDirectory(t), 'socket');
  const fd = native.listenUnix(path, 0);
  atEnd(t, () => closeSync(fd));
  for (let n = 0; n < 5; n++) {
    assert.notEqual(native.probeUnix(path), undefined, `probe ${n}`);
  }
});

test('hungUp and halfClosed distinguish a peer that is gone from one that stopped writing', async (t) => {
  const server = createServer({ allowHalfOpen: true }).listen(join(temporaryDirectory(t), 'socket'));
  atEnd(t, () => server.close());
  await once(server, 'listening');
  const peer = connect({ path: server.address() as string, allowHalfOpen: true });
  atEnd(t, () => peer.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket & { _handle: { fd: number } }];
  atEnd(t, () => socket.destroy());
  const { fd } = socket._handle;
  assert.deepEqual([native.hungUp(fd), native.halfClosed(fd)], [false, false]);
  const me = userInfo();
  assert.deepEqual(native.peerCredentials(fd), { pid: process.pid, uid: me.uid, gid: me.gid });
  assert.equal(native.peerLives(fd), true);
  socket.resume();
  peer.end();
  await once(socket, 'end');
  assert.deepEqual([native.hungUp(fd), native.halfClosed(fd)], [false, true]);
  peer.destroy();
  await until('the hang-up', () => native.hungUp(fd));
});

test('a descriptor that is not a socket has no peer', (t) => {
  const fd = openSync('/dev/null', 'r');
  atEnd(t, () => closeSync(fd));
  assert.throws(() => native.peerCredentials(fd), { code: 'ENOTSOCK' });
});

const RECEIVER = `
import array, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', chr(0), 1))
print('bound', flush=True)
while True:
    data, control, _, _ = s.recvmsg(1000, socket.CMSG_SPACE(16))
    fds = array.array('i')
    for _, _, part in control:
        fds.frombytes(part)
    print(data.decode('latin1'), [os.read(fd, 100).decode() for fd in fds], flush=True)
`;

for (const kind of ['named', 'abstract'] as const) {
  test(`sendDatagram to a socket that is ${kind}`, async (t) => {
    const directory = temporaryDirectory(t);
    const name = kind === 'named' ? join(directory, 'notify') : `@holdfast-notify-${process.pid}`;
    assert.throws(() => native.sendDatagram(name, Buffer.from('x')), {
      code: kind === 'named' ? 'ENOENT' : 'ECONNREFUSED',
    });
    const receiver = spawn('python3', ['-c', RECEIVER, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(t, () => receiver.kill('SIGKILL'));
    const said = new Transcript();
    receiver.stdout.on('data', (data: Buffer) => said.add(data));
    await said.expect(/bound\n/);
    native.sendDatagram(name, Buffer.from('READY=1'));
    await said.expect(/READY=1 \[\]\n/);
    const file = join(directory, 'file');
    writeFileSync(file, 'content');
    const fds = [openSync(file, 'r'), openSync(file, 'r')];
    native.sendDatagram(name, Buffer.from('FDSTORE=1'), fds);
    fds.forEach(closeSync);
    await said.expect(/FDSTORE=1 \['content', 'content'\]\n/);
  });
}

test('a name that does not fit is refused', () => {
  assert.throws(
    () => native.sendDatagram(`/tmp/${'x'.repeat(200)}`, Buffer.from('x')),
    (error: Error) => error instanceof Error,
  );
});
