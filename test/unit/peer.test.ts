import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { principalOf } from '../../src/access/peer.ts';
import type { Principal } from '../../src/model/principal.ts';
import { native } from '../../src/platform/native.ts';
import { descriptorOf } from '../../src/platform/net/socket-descriptor.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

const DAEMON = native.userByName('daemon')?.uid ?? 1;
const asRoot = process.getuid?.() === 0 ? {} : { skip: 'needs root' };

let count = 0;

/** Lines of Python before and after the connection is made; the peer then stays until its input ends. */
async function peer(
  t: TestContext,
  { before = '', after = '', env = {} }: { before?: string; after?: string; env?: Record<string, string> },
): Promise<{ readonly socket: Socket; readonly child: ChildProcess }> {
  // In the abstract name space, where every user may connect.
  const name = `holdfast-peer-${process.pid}-${count++}`;
  const server = createServer().listen(`\0${name}`);
  atEnd(t, () => server.close());
  await once(server, 'listening');
  const program = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
${before}
s.connect('\\0' + sys.argv[1])
${after}
s.send(b'x')
sys.stdin.read()
`;
  const child = spawn('python3', ['-c', program, name], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  // Its forked child ends with its input.
  atEnd(t, () => child.stdin?.destroy());
  atEnd(t, () => child.kill('SIGKILL'));
  const gone = once(child, 'exit').then(() => assert.fail('the peer has ended'));
  const [socket] = (await Promise.race([once(server, 'connection'), gone])) as [Socket];
  gone.catch(() => undefined);
  atEnd(t, () => socket.destroy());
  await once(socket, 'data');
  return { socket, child };
}

async function who(t: TestContext, how: Parameters<typeof peer>[1]): Promise<Principal> {
  return principalOf((await peer(t, how)).socket, 'api');
}

function logInAs(uid: number): string {
  return `open('/proc/self/loginuid', 'w').write('${uid}')`;
}

const AUDIT = mayLogIn();

function mayLogIn(): { skip?: string } {
  try {
    accessSync('/proc/self/loginuid', constants.W_OK);
    return asRoot;
  } catch {
    return { skip: 'this kernel has no audit' };
  }
}

test('the kernel says which user a peer is, and of which process', async (t) => {
  const { socket, child } = await peer(t, { env: { SUDO_USER: '' } });
  const { user, uid, pid, assurance, from } = await principalOf(socket, 'api');
  const own = process.getuid?.();
  assert.deepEqual({ uid, pid, assurance, from }, { uid: own, pid: child.pid, assurance: 'kernel', from: 'localhost' });
  assert.equal(user, native.userById(own ?? -1)?.name);
});

test('SUDO_USER tells who is behind root', asRoot, async (t) => {
  const { user, uid, behind } = await who(t, { env: { SUDO_USER: 'vera' } });
  assert.deepEqual({ user, uid, behind }, { user: 'root', uid: 0, behind: 'vera' });
});

test('SUDO_USER of a user other than root is not believed', asRoot, async (t) => {
  const { user, behind } = await who(t, { before: `os.setuid(${DAEMON})`, env: { SUDO_USER: 'vera' } });
  assert.deepEqual([user, behind], ['daemon', undefined]);
});

for (const [name, value] of [
  ['root itself', 'root'],
  ['control characters', 'vera\x1b[2J'],
  ['no name', ''],
  ['a book', 'v'.repeat(1000)],
] as const) {
  test(`SUDO_USER that is ${name} names nobody`, asRoot, async (t) => {
    assert.equal((await who(t, { env: { SUDO_USER: value } })).behind, undefined);
  });
}

test('the login tells who is behind root, whatever the environment says', AUDIT, async (t) => {
  const { user, behind } = await who(t, { before: logInAs(DAEMON), env: { SUDO_USER: 'vera' } });
  assert.deepEqual([user, behind], ['root', 'daemon']);
});

test('the login tells who is behind a user other than root', AUDIT, async (t) => {
  const { user, behind } = await who(t, { before: `${logInAs(0)}\nos.setuid(${DAEMON})` });
  assert.deepEqual([user, behind], ['daemon', 'root']);
});

test('nobody is behind a user who has logged in', AUDIT, async (t) => {
  const { user, behind } = await who(t, { before: `${logInAs(DAEMON)}\nos.setuid(${DAEMON})` });
  assert.deepEqual([user, behind], ['daemon', undefined]);
});

test('a login without a name is told by its number', AUDIT, async (t) => {
  assert.equal((await who(t, { before: logInAs(543_210) })).behind, 'uid 543210');
});

test('of a peer that has become another user nothing is read', AUDIT, async (t) => {
  const { user, uid, behind } = await who(t, { before: logInAs(0), after: `os.setuid(${DAEMON})` });
  assert.deepEqual({ user, uid, behind }, { user: 'root', uid: 0, behind: undefined });
});

test('of a peer that has ended nothing is read, even if another process has its pid', asRoot, async (t) => {
  // The child keeps the connection open.
  const { socket } = await peer(t, { after: 'if os.fork(): os._exit(0)', env: { SUDO_USER: 'vera' } });
  await until('the end of the peer', () => !native.peerLives(descriptorOf(socket) ?? -1));
  assert.equal((await principalOf(socket, 'api')).behind, undefined);
});
