// Connections at their edges: what is typed before they are served, what is on its way when they end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Door } from '../../src/listeners/procserv/door.ts';
import type { Instance } from '../../src/listeners/procserv/instance.ts';
import { KeyPace } from '../../src/listeners/procserv/key-pace.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import { listenOn } from '../../src/platform/listen.ts';
import { native } from '../../src/platform/native.ts';
import { descriptorOf } from '../../src/platform/socket-descriptor.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** All that a session uses of an instance. */
function instanceOf(banner: string, input: Instance['input']): Instance {
  const ring = new OutputRing({ keep: 1000, most: 1000 }, (size) => Buffer.alloc(size));
  return {
    settings: { history: 0 },
    stream: new OutputStream(ring, clock.monotonic),
    console: { full: false, forget: () => undefined },
    keyPace: new KeyPace(clock),
    banner: () => banner,
    enter: () => () => undefined,
    input,
  } as unknown as Instance;
}

test('what was typed while a connection waited keeps its order', async (t) => {
  let typed = '';
  const heard = Promise.withResolvers<void>();
  const instance = instanceOf('banner\r\n', (data) => {
    typed += Buffer.from(data).toString();
    if (typed.length === 'first second '.length) {
      heard.resolve();
    }
    return { acted: 0, ignored: 0, logout: false };
  });
  const path = join(temporaryDirectory(t), 'control');
  const door = new Door(instance, clock, () => true);
  t.after(() => door.close(0));
  const listening = listenOn({ kind: 'unix', path, mode: 0o600 });
  const client = connect(path);
  t.after(() => client.destroy());
  door.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      client.write('first ');
      await until('the stream to read', () => socket.readableLength > 0);
      // In the moment before it is served.
      native.send(descriptorOf(client) as number, Buffer.from('second '));
      return () => undefined;
    },
  );
  await once(client, 'connect');
  await heard.promise;
  assert.equal(typed, 'first second ');
});

test('who logs out and writes no more gets all that was on its way', async (t) => {
  const banner = `${'x'.repeat(64 << 20)}the last words`;
  const ended = Promise.withResolvers<void>();
  const instance = instanceOf(banner, () => ({ acted: 0, ignored: 0, logout: true }));
  const door = new Door(instance, clock, () => true);
  t.after(() => door.close(0));
  const listening = listenOn({ kind: 'tcp', host: '127.0.0.1', family: 4, port: 0 });
  door.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      socket.on('end', ended.resolve);
      return () => undefined;
    },
  );
  const { port } = listening.endpoint as { port: number };
  const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  t.after(() => client.destroy());
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

test('a peer that is cut off while its input waits for the child does not keep its place', async (t) => {
  const instance = instanceOf('banner\r\n', () => ({ acted: 0, ignored: 0, logout: false }));
  Object.assign(instance.console, { full: true, whenRoom: () => undefined });
  const door = new Door(instance, clock, () => true);
  t.after(() => door.close(0));
  const listening = listenOn({ kind: 'tcp', host: '127.0.0.1', family: 4, port: 0 });
  const { promise, resolve } = Promise.withResolvers<Socket>();
  door.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      resolve(socket);
      return () => undefined;
    },
  );
  const client = connect((listening.endpoint as { port: number }).port, '127.0.0.1');
  t.after(() => client.destroy());
  // More than Node reads ahead of a reader that waits.
  client.write(Buffer.alloc(1 << 20, 'x'));
  const socket = await promise;
  await until('the input to wait', () => socket.isPaused() && socket.readableLength >= socket.readableHighWaterMark);
  client.resetAndDestroy();
  await until('the connection to end', () => socket.destroyed);
});
