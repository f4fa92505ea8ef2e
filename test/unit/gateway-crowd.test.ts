// Hostile connections at the gateway: how many there may be, and that whoever logs in gets in among them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { Crowd } from '../../src/gateway/crowd.ts';
import type { LoginPort } from '../../src/model/login-port.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { atEnd } from '../harness/at-end.ts';
import { SOAK } from '../harness/host.ts';
import { missing } from '../harness/machine.ts';
import { type NetworkDoor, networkDoor, TestLogins } from '../harness/network-door.ts';
import { until } from '../harness/until.ts';

const skip = missing('openssl');
/** In all, of several kinds; bench host-hostile has 5,000 as well. */
const HOSTILE = SOAK ? 5000 : 1000;
/** At a time on their way: the kernel's queue of the listening socket has room for them. */
const AT_ONCE = 100;

async function site(t: TestContext, more: Parameters<typeof networkDoor>[2]): Promise<NetworkDoor> {
  const host = new FakeHost();
  host.add('vac');
  return networkDoor(t, openDoor(host), more);
}

const HALF_HELLO = Buffer.from('16030100f8010000f40303', 'hex');

/** All that are in it by then. */
function destroyed(t: TestContext, sockets: readonly Socket[]): void {
  atEnd(t, () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  });
}

/** Connections that never become requests; resolves when each was taken, or cut off. */
async function attack(t: TestContext, { connect: secure, port }: NetworkDoor, count: number): Promise<void> {
  const sockets: Socket[] = [];
  destroyed(t, sockets);
  for (let begun = 0; begun < count; begun += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - begun) }, async (_, n) => {
        // Every tenth does the work of a handshake, and then sends its head byte by byte.
        const socket = n % 10 === 0 ? secure() : connect(port, '127.0.0.1');
        sockets.push(socket);
        socket.on('error', () => undefined);
        const event = n % 10 === 0 ? 'secureConnect' : 'connect';
        await Promise.race([once(socket, event), once(socket, 'close')]).catch(() => undefined);
        socket.write(n % 10 === 0 ? 'GET /v1/cons' : n % 3 === 0 ? HALF_HELLO : n % 3 === 1 ? 'nonsense\r\n\r\n' : '');
      }),
    );
  }
}

test(`${HOSTILE} hostile connections: whoever has a token gets in, whoever is in stays`, { skip }, async (t) => {
  const network = await site(t, { connections: 200, connectionsPerAddress: 10_000 });
  const inside: TLSSocket = network.connect();
  t.after(() => inside.destroy());
  await once(inside, 'secureConnect');
  const asks = 'GET /v1/version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n\r\n';
  inside.write(asks);
  await once(inside, 'data');
  const attacked = attack(t, network, HOSTILE);
  let over = false;
  void attacked.finally(() => {
    over = true;
  });
  let served = 0;
  while (!over) {
    assert.equal((await network.get('/v1/version')).status, 200);
    served++;
  }
  await attacked;
  assert.ok(served > 0);
  assert.equal((await network.get('/v1/version')).status, 200);
  inside.write(asks);
  const [answer] = (await once(inside, 'data')) as [Buffer];
  assert.match(String(answer), /^HTTP\/1\.1 200 /);
  // One is inside: the others are strangers, of whom there is a number.
  await until('the others to be cut off', () => network.gateway.connections <= 201);
  assert.deepEqual(network.faults, []);
});

test('one address has its number of connections, and what it gives back', { skip }, async (t) => {
  const network = await site(t, { connections: 200, connectionsPerAddress: 5 });
  const first = Array.from({ length: 5 }, () => network.connect());
  destroyed(t, first);
  await Promise.all(first.map((socket) => once(socket, 'secureConnect')));
  const sixth = network.connect();
  await new Promise((resolve) => sixth.once('close', resolve));
  const seventh = network.connect();
  await new Promise((resolve) => seventh.once('close', resolve));
  await until('the report', () => network.full.length > 0);
  assert.deepEqual(network.full, ['127.0.0.0/8'], 'once');
  first.pop()?.destroy();
  await until('room', () => network.gateway.connections === 4);
  assert.equal((await network.get('/v1/version')).status, 200);
});

test('people have a number of connections; one more is told so', { skip }, async (t) => {
  const network = await site(t, { connections: 2, connectionsPerAddress: 100 });
  const inside: TLSSocket[] = [];
  destroyed(t, inside);
  while (inside.length < 2) {
    const socket = network.connect();
    inside.push(socket);
    await once(socket, 'secureConnect');
    socket.write('GET /v1/version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n\r\n');
    await once(socket, 'data');
  }
  const { status, body } = await network.get('/v1/version');
  assert.equal(status, 503);
  assert.match(body, /HF_BUSY/);
});

test('passwords that PAM takes its time for leave room for other logins', { skip }, async (t) => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const quick = new TestLogins();
  quick.tokens.set('good', { user: 'vera' });
  let pending = 0;
  const logins: LoginPort = {
    async login(proof, place) {
      if ('password' in proof) {
        pending++;
        await answered;
      }
      return quick.login(proof, place);
    },
  };
  const host = new FakeHost();
  const limits = { connections: 100, connectionsPerAddress: 100 };
  const network = await networkDoor(t, openDoor(host), limits, systemClock, logins);
  const basic = `Authorization: Basic ${Buffer.from('vera:right').toString('base64')}`;
  const ask = `GET /v1/version HTTP/1.1\r\nHost: localhost\r\n${basic}\r\nConnection: close\r\n\r\n`;
  const answers = Array.from({ length: 40 }, () => network.exchange(ask));
  const refused = /^HTTP\/1\.1 503 [\s\S]*HF_BUSY/;
  assert.match(await Promise.any(answers), refused);
  await until('the passwords', () => pending === 32);
  assert.equal((await network.get('/v1/version')).status, 200);
  answer();
  assert.equal((await Promise.all(answers)).filter((each) => refused.test(each)).length, 8);
});

test('two requests at once on a connection end it', { skip }, async (t) => {
  const network = await site(t, {});
  const ask = 'GET /v1/version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n\r\n';
  assert.doesNotMatch(await network.exchange(ask.repeat(50)), /^HTTP\/1\.1 200[\s\S]*HTTP\/1\.1 200/);
});

/** A connection in name only. */
function made(remoteAddress: string, remotePort: number) {
  const socket = {
    ...{ remoteAddress, remotePort, localPort: 1, isDestroyed: false, closed: (): void => undefined },
    once: (_: string, closed: () => void) => {
      socket.closed = closed;
    },
    destroy: () => {
      socket.isDestroyed = true;
    },
  };
  return socket as typeof socket & Socket;
}

test('the crowd counts by both ends and forgets what is gone', () => {
  const crowd = new Crowd({ connections: 2, connectionsPerAddress: 3 });
  const admit = (...at: Parameters<typeof made>) => {
    const socket = made(...at);
    crowd.admit(socket, false);
    return socket;
  };
  const [one, two] = [admit('10.0.0.1', 1), admit('10.0.0.1', 2)];
  assert.equal(crowd.know(one), true);
  assert.equal(crowd.know(one), true);
  const three = admit('10.0.0.1', 3);
  // The fourth of one address; then strangers, of whom the oldest goes.
  assert.equal(admit('10.0.0.1', 4).isDestroyed, true);
  admit('10.0.0.2', 1);
  assert.deepEqual([one.isDestroyed, two.isDestroyed, three.isDestroyed], [false, true, false]);
  for (const socket of [one, two, three]) {
    socket.closed();
  }
  assert.equal(crowd.size, 1);
  assert.equal(crowd.know(three), false);
});

test('one stranger more replaces the oldest of the address that has most of them, each another one', () => {
  const crowd = new Crowd({ connections: 4, connectionsPerAddress: 100 });
  const admit = (address: string, port: number, isProxy = false) => {
    const socket = made(address, port);
    crowd.admit(socket, isProxy);
    return socket;
  };
  const newcomer = admit('10.0.0.9', 1);
  const proxied = [1, 2].map((port) => admit('10.0.0.8', port, true));
  // None is closed in between: they have come at once.
  const many = [1, 2, 3, 4, 5, 6].map((port) => admit('10.0.0.1', port));
  assert.deepEqual(
    [newcomer, ...proxied].map(({ isDestroyed }) => isDestroyed),
    [false, false, false],
  );
  assert.deepEqual(
    many.map(({ isDestroyed }) => isDestroyed),
    [true, true, true, true, true, false],
  );
  assert.equal(crowd.size, 4);
  for (const { closed } of many) {
    closed();
  }
  assert.equal(crowd.size, 3);
});
