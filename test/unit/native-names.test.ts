import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { native } from '../../src/platform/native.ts';
import { inOwnProcess } from '../terminal-child.ts';

const folder = mkdtempSync(join(tmpdir(), 'hf-names-'));
const LONG = `/tmp/${'x'.repeat(200)}`;

test('strftime is that of C, in local time', async () => {
  const code = `console.log(native.strftime('%a %b %e %H:%M:%S %Y %Z%%', 1700000000));
    console.log(native.strftime('', 0), native.strftime('\u00e4 %Y', 0));`;
  const { stdout } = await inOwnProcess(code, { env: { TZ: 'Europe/Berlin', LC_ALL: 'de_DE.UTF-8' } });
  assert.equal(stdout, 'Tue Nov 14 23:13:20 2023 CET%\n \u00e4 1970\n');
  assert.equal(native.strftime('%s', 1_700_000_000.9), '1700000000');
});

test('users and groups come from the name service', () => {
  const { uid, gid, homedir, shell, username } = userInfo();
  assert.deepEqual(native.userByName(username), { name: username, uid, gid, home: homedir, shell });
  assert.equal(native.userByName('no such user'), undefined);
  assert.equal(native.userByName('x'.repeat(5000)), undefined);
  assert.equal(native.groupByName('no such group'), undefined);
  const groups = readFileSync('/etc/group', 'latin1')
    .split('\n')
    .map((line) => line.split(':'));
  const [name, , number] = groups.find(([group]) => group === 'tty') ?? [];
  assert.equal(native.groupByName(name ?? ''), Number(number));
  const own = groups.filter(([, , , members]) => members?.split(',').includes(username)).map(([, , id]) => Number(id));
  assert.deepEqual(native.groupsOf(username, 4242).sort(), [4242, ...own].sort());
});

test('the other end of a unix socket is known', async () => {
  const path = join(folder, 'peer');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const client = createConnection(path);
  const [socket] = (await once(server, 'connection')) as [Socket];
  // Node has no public way to the descriptor of a socket.
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  assert.deepEqual(native.peerCredentials(fd), { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() });
  client.destroy();
  socket.destroy();
  server.close();
  assert.throws(() => native.peerCredentials(999_999), { code: 'EBADF' });
});

for (const [kind, path] of [
  ['a path', join(folder, 'notify')],
  ['the abstract name space', `@hf-test-${process.pid}`],
] as const) {
  test(`a datagram with a descriptor goes to ${kind}`, async () => {
    const code = `import array, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', '\\0', 1))
print('bound', flush=True)
data, control, _, _ = s.recvmsg(1000, 1000)
fds = array.array('i', control[0][2] if control else b'')
print(data.hex(), [os.readlink(f'/proc/self/fd/{fd}') for fd in fds], flush=True)
print(s.recvmsg(1000, 1000)[0].decode(), flush=True)`;
    const receiver = spawn('python3', ['-c', code, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, 'bound');
    const fd = openSync('/etc/passwd', 'r');
    native.sendDatagram(path, Buffer.from([0, 255, 10, 65]), [fd, fd]);
    assert.equal((await lines.next()).value, "00ff0a41 ['/etc/passwd', '/etc/passwd']");
    native.sendDatagram(path, Buffer.from('READY=1'));
    assert.equal((await lines.next()).value, 'READY=1');
    closeSync(fd);
    await once(receiver, 'exit');
    assert.throws(() => native.sendDatagram(path, Buffer.from('x')), { code: 'ECONNREFUSED' });
  });
}

test('a datagram to nowhere, or to a path that no socket can have, is refused by its code', () => {
  assert.throws(() => native.sendDatagram(join(folder, 'nobody'), Buffer.from('x')), { code: 'ENOENT' });
  assert.throws(() => native.sendDatagram(LONG, Buffer.from('x')), { code: 'ENAMETOOLONG' });
  assert.throws(() => native.sendDatagram('', Buffer.from('x')), { code: 'EINVAL' });
  const many = Array.from({ length: 300 }, () => 0);
  assert.throws(() => native.sendDatagram('@x', Buffer.from('x'), many), TypeError);
  assert.throws(() => native.sendDatagram('@x', Buffer.from('x'), ['0'] as never), TypeError);
});

test('a socket where nobody is, is nobody’s', () => {
  assert.equal(native.probeUnix(join(folder, 'nobody')), undefined);
  assert.equal(native.probeUnix('@hf-nobody'), undefined);
});
