// Edge cases of connections: input before they are served, pending output when they end.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Acceptor } from '../../src/listeners/procserv/acceptor.ts';
import { ANONYMOUS, type Principal } from '../../src/model/principal.ts';
import { native } from '../../src/platform/native.ts';
import { isHalfClosed } from '../../src/platform/net/hung-up.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import { descriptorOf } from '../../src/platform/net/socket-descriptor.ts';
import { type Clock, systemClock as clock } from '../../src/platform/time/clock.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { fakeInstance } from '../fakes/fake-instance.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

test('input typed while a connection waited keeps its order', async (t) => {
  let typed = '';
  const heard = Promise.withResolvers<void>();
  const instance = fakeInstance('banner\r\n', (data) => {
    typed += Buffer.from(data).toString();
    if (typed.length === 'first second '.length) {
      heard.resolve();
    }
    return undefined;
  });
  const path = join(temporaryDirectory(t), 'control');
  const acceptor = new Acceptor(instance, clock, () => true);
  atEnd(t, () => acceptor.close(0));
  const listening = listenOn({ kind: 'unix', path, mode: 0o600 });
  const client = connect(path);
  atEnd(t, () => client.destroy());
  acceptor.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      client.write('first ');
      await until('the stream to read', () => socket.readableLength > 0);
      // In the moment before it is served.
      native.send(descriptorOf(client) as number, Buffer.from('second '));
      return ANONYMOUS;
    },
  );
  await once(client, 'connect');
  await heard.promise;
  assert.equal(typed, 'first second ');
});

test('an early connection gets all output', async (t) => {
  const instance = fakeInstance('banner\r\n', () => undefined);
  instance.stream.ring.note(Buffer.from('@@@ note\r\n'));
  instance.stream.ring.append(Buffer.from('first words\r\n'));
  Object.assign(instance, { beginning: 0 });
  const path = join(temporaryDirectory(t), 'control');
  const acceptor = new Acceptor(instance, clock, () => true);
  atEnd(t, () => acceptor.close(0));
  acceptor.open(listenOn({ kind: 'unix', path, mode: 0o600 }), () => ({ logger: false }));
  const client = connect(path);
  atEnd(t, () => client.destroy());
  let said = '';
  client.on('data', (data: Buffer) => {
    said += data.toString('latin1');
  });
  await until('the words', () => said.endsWith('first words\r\n'));
  assert.equal(said, 'banner\r\n\xff\xfb\x01\xff\xfd"@@@ note\r\nfirst words\r\n');
});

test('a key acts before the banner of the next connection', async (t) => {
  const order: string[] = [];
  const instance = fakeInstance('', (data) => {
    order.push(Buffer.from(data).toString());
    return undefined;
  });
  Object.assign(instance, { banner: () => `${order.push('banner')}` });
  const path = join(temporaryDirectory(t), 'control');
  const acceptor = new Acceptor(instance, clock, () => true);
  atEnd(t, () => acceptor.close(0));
  const clients: Socket[] = [];
  atEnd(t, () => clients.forEach((client) => void client.destroy()));
  const arrive = () => clients.push(connect(path));
  acceptor.open(listenOn({ kind: 'unix', path, mode: 0o600 }), () => {
    if (clients.length === 2) {
      // While a client connects, its listener is polled before any socket is read.
      native.send(descriptorOf(clients[0] as Socket) as number, Buffer.from('key'));
      arrive();
    }
    return { logger: false };
  });
  arrive();
  await until('the first', () => order.length === 1);
  arrive();
  await until('all', () => order.length === 4);
  assert.equal(order.at(-1), 'banner', `${order}`);
});

test('a client that logs out and stops writing gets all pending output', async (t) => {
  const banner = `${'x'.repeat(64 << 20)}the last words`;
  const ended = Promise.withResolvers<void>();
  const instance = fakeInstance(banner, () => ({ logout: true }));
  const acceptor = new Acceptor(instance, clock, () => true);
  atEnd(t, () => acceptor.close(0));
  const listening = listenOn({ kind: 'tcp', host: '127.0.0.1', family: 4, port: 0 });
  acceptor.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      socket.on('end', ended.resolve);
      return ANONYMOUS;
    },
  );
  const { port } = listening.endpoint as { port: number };
  const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  atEnd(t, () => client.destroy());
  await once(client, 'connect');
  client.end('q');
  await ended.promise;
  let tail = '';
  client.on('data', (data: Buffer) => {
    tail = (tail + data.toString('latin1')).slice(-100);
  });
  await once(client, 'close');
  assert.match(tail, /the last words/);
});

/** A peer that has sent this many bytes to an instance whose child is full again after each block of input. */
async function pausedPeer(
  t: TestContext,
  clock: Clock,
  bytes: number,
): Promise<{ client: Socket; socket: Socket; resume: () => void }> {
  let resume = (): void => undefined;
  const instance = fakeInstance('banner\r\n', () => {
    Object.assign(instance.console, { full: true });
    return undefined;
  });
  Object.assign(instance.console, {
    whenRoom(action: () => void): void {
      resume = () => {
        Object.assign(instance.console, { full: false });
        action();
      };
    },
  });
  const acceptor = new Acceptor(instance, clock, () => true);
  atEnd(t, () => acceptor.close(0));
  const listening = listenOn({ kind: 'tcp', host: '127.0.0.1', family: 4, port: 0 });
  const { promise, resolve } = Promise.withResolvers<Socket>();
  acceptor.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      resolve(socket);
      return ANONYMOUS;
    },
  );
  const client = connect((listening.endpoint as { port: number }).port, '127.0.0.1');
  atEnd(t, () => client.destroy());
  client.resume().write(Buffer.alloc(bytes, 'x'));
  const socket = await promise;
  await until('the input to wait', () => socket.isPaused() && socket.readableLength > 0);
  return { client, socket, resume: () => resume() };
}

test('a peer that is cut off while its input waits for the child does not keep its place', async (t) => {
  const { client, socket } = await pausedPeer(t, clock, 1 << 20);
  // Node would see a reset while it reads ahead.
  await until('Node to read no more', () => socket.readableLength >= socket.readableHighWaterMark);
  client.resetAndDestroy();
  await until('the connection to end', () => socket.destroyed);
});

test('a peer that closes while its input waits keeps its place as long as the child takes some, and four seconds', async (t) => {
  const time = new FakeClock();
  const { client, socket, resume } = await pausedPeer(t, time, 150_000);
  client.end();
  await until('its end', () => isHalfClosed(socket));
  // It is seen at the first check, and closed at the fourth after that.
  time.advance(4000);
  assert.equal(socket.writableEnded, false);
  resume();
  await until('the rest to wait', () => socket.isPaused());
  time.advance(4000);
  assert.equal(socket.writableEnded, false);
  time.advance(1000);
  assert.equal(socket.writableEnded, true);
  await until('the connection to end', () => socket.destroyed);
});

test('few of many small pieces are queued for a client that does not read: the ring has them', async (t) => {
  const instance = fakeInstance('banner\r\n', () => undefined);
  const { stream } = instance;
  const acceptor = new Acceptor(instance, clock, () => true);
  atEnd(t, () => acceptor.close(0));
  const path = join(temporaryDirectory(t), 'control');
  const { promise, resolve } = Promise.withResolvers<Socket>();
  acceptor.open(
    listenOn({ kind: 'unix', path, mode: 0o600 }),
    () => ({ logger: false }),
    async (socket) => {
      resolve(socket);
      return ANONYMOUS;
    },
  );
  const client = connect(path).pause();
  atEnd(t, () => client.destroy());
  const socket = await promise;
  await until('the session', () => stream.readers === 1);
  const piece = Buffer.from('@@@ Got a kill command\r\n');
  for (let n = 0; n < 100_000 && !socket.writableNeedDrain; n++) {
    stream.ring.note(piece);
    stream.advance();
  }
  assert.equal(socket.writableNeedDrain, true);
  assert.ok(socket.writableLength < 8192, `${socket.writableLength} bytes wait`);
});

/** A connection in memory, and what was written to it. */
function wire(): { readonly stream: Duplex; readonly written: string[] } {
  const written: string[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write(bytes: Buffer, _encoding, done) {
      written.push(bytes.toString('latin1'));
      done();
    },
  });
  return { stream, written };
}

test('a peer that leaves before it is identified leaves no trace', async () => {
  const instance = fakeInstance('banner\r\n', () => assert.fail());
  const counted: string[] = [];
  Object.assign(instance, { count: () => counted.push('one') });
  const acceptor = new Acceptor(instance, clock, () => true);
  const { promise: who, resolve } = Promise.withResolvers<Principal>();
  const { stream, written } = wire();
  acceptor.admit(stream, { by: who, logger: false });
  stream.destroy();
  await once(stream, 'close');
  resolve(ANONYMOUS);
  await setImmediate();
  await setImmediate();
  assert.deepEqual([written, counted, instance.stream.readers], [[], [], 0]);
  // Nobody is waited for.
  await acceptor.close(60_000);
});

test('a peer whose console goes before it is served is closed without a word', async () => {
  const instance = fakeInstance('banner\r\n', () => assert.fail());
  const { promise: ready, reject } = Promise.withResolvers<Principal>();
  const acceptor = new Acceptor(instance, clock, () => true);
  const { stream, written } = wire();
  acceptor.admit(stream, { by: ready, logger: false });
  reject(new Error('removed'));
  await once(stream, 'close');
  assert.deepEqual(written, []);
  await acceptor.close(60_000);
});
