// A peer that asks and does not read is not read: at a procServ endpoint, and as the far end of a line that we opened.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { escapeTelnet, Telnet } from '../../src/codec/telnet.ts';
import { LinkRunner, type MakeCodec } from '../../src/console/link-runner.ts';
import { Acceptor } from '../../src/listeners/procserv/acceptor.ts';
import type { Backend } from '../../src/model/backend.ts';
import { ANONYMOUS } from '../../src/model/principal.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import { Replies, Unread } from '../../src/platform/net/replies.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { fakeInstance } from '../fakes/fake-instance.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

/** DO 99: refused by all our sides. */
const REQUEST = Uint8Array.of(255, 253, 99);
const BLOCK_REQUESTS = 100_000;
const BLOCK = Buffer.alloc(REQUEST.length * BLOCK_REQUESTS, REQUEST);

/** A stream that takes nothing: the callback of its first write never comes. */
function deaf(): Duplex {
  return new Duplex({ read: () => undefined, write: () => undefined }).on('error', () => undefined);
}

function ask(stream: Duplex, bytes: number): Replies {
  const replies = new Replies(stream, () => undefined);
  for (let sent = 0; sent < bytes && !replies.full; sent += 1000) {
    replies.send(new Uint8Array(1000));
  }
  return replies;
}

test('replies that wait for one peer are bounded, whatever their size', () => {
  const stream = deaf();
  const replies = new Replies(stream, () => undefined);
  let sent = 0;
  while (!replies.full && sent < 1000) {
    replies.send(Uint8Array.of(255, 252, 99));
    sent++;
  }
  assert.ok(sent > 10, 'a handful of replies is not a reason to stop');
  assert.ok(sent < 1000, `${sent} writes wait`);
  stream.destroy();
});

test('waiting replies are bounded in total: a peer that asks then and does not read is cut off, others are not', async () => {
  const ended: Error[] = [];
  const streams = Array.from({ length: 1000 }, () => deaf().on('error', (error) => ended.push(error)));
  for (const stream of streams) {
    ask(stream, 60_000);
  }
  const waiting = streams.filter(({ destroyed }) => !destroyed).reduce((sum, each) => sum + each.writableLength, 0);
  assert.ok(waiting < 32 << 20, `${waiting} bytes wait`);
  const modest = deaf();
  ask(modest, 1000);
  assert.equal(modest.destroyed, false, "one reply that waits is nobody's fault");
  await until('those who were cut off', () => ended.length === streams.filter(({ destroyed }) => destroyed).length);
  assert.ok(ended.length > 100 && ended.every((error) => error instanceof Unread));
  for (const stream of [...streams, modest]) {
    stream.destroy();
  }
  // Everything is released with the streams.
  await until('room', () => {
    const next = deaf();
    ask(next, 60_000);
    const { destroyed } = next;
    next.destroy();
    return !destroyed;
  });
});

/** A peer that sends requests without reading, until `near` has stopped reading, and some more; resolves to their number. */
async function flood(t: TestContext, peer: Socket, near: () => Socket | undefined): Promise<number> {
  atEnd(t, () => peer.destroy());
  peer.on('error', () => undefined).pause();
  const socket = await until('the connection', near);
  // How much the kernel keeps on its way depends on the machine.
  let blocks = 0;
  let read = -1;
  await until('that it is not read', () => {
    const before = read;
    read = socket.bytesRead;
    peer.write(BLOCK);
    blocks++;
    return socket.isPaused() && read === before;
  });
  assert.ok(socket.writableLength < 1 << 18, `${socket.writableLength} bytes of replies wait`);
  return blocks * BLOCK_REQUESTS;
}

/** Reads on: every request has its answer in the end. */
async function readOn(peer: Socket, requests: number): Promise<void> {
  let refused = 0;
  const count = new Promise<void>((resolve) => {
    peer.on('data', (data: Buffer) => {
      for (let at = data.indexOf(99); at >= 0; at = data.indexOf(99, at + 1)) {
        refused++;
      }
      if (refused === requests) {
        resolve();
      }
    });
  });
  peer.resume();
  await count;
}

test('a procServ endpoint does not read a client that only asks, serves the others, and goes on when it reads', async (t) => {
  const typed: string[] = [];
  const instance = fakeInstance('banner\r\n', (data) => {
    typed.push(Buffer.from(data).toString());
    return undefined;
  });
  const acceptor = new Acceptor(instance, clock, () => true);
  atEnd(t, () => acceptor.close(0));
  const listening = listenOn({ kind: 'tcp', host: '127.0.0.1', family: 4, port: 0 });
  const { port } = listening.endpoint as { port: number };
  const sockets: Socket[] = [];
  acceptor.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      sockets.push(socket);
      return ANONYMOUS;
    },
  );
  const peer = connect(port, '127.0.0.1');
  const requests = await flood(t, peer, () => sockets[0]);
  const other = connect(port, '127.0.0.1');
  atEnd(t, () => other.destroy());
  other.write('from another');
  await until('the other one', () => typed.includes('from another'));
  await readOn(peer, requests);
});

/** A terminal server, and the socket accepted by it. */
async function terminalServer(t: TestContext): Promise<{ port: number; accepted: Promise<Socket> }> {
  const server = createServer();
  atEnd(t, () => server.close());
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, accepted };
}

/** Our end of a connection, which the code under test does not release. */
function socketTo(port: number): Socket | undefined {
  const handles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles();
  return handles.find((handle): handle is Socket => (handle as Socket).remotePort === port);
}

test('a terminal server that only asks is not read: telnet sources of the host', async (t) => {
  const { port, accepted } = await terminalServer(t);
  const backend = { handlers: {}, feed: () => true, note: () => undefined } as unknown as Backend;
  const source = { kind: 'telnet', host: '127.0.0.1', port } as const;
  const serial = () => assert.fail('not serial');
  const codec: MakeCodec = (send) => {
    const telnet = Telnet.client(send);
    return { receive: (bytes) => telnet.receive(bytes), encode: escapeTelnet };
  };
  const link = new LinkRunner(source, backend, { openSerial: serial, makeCodec: codec, clock });
  const nothing = () => undefined;
  link.handlers = { started: nothing, notStarted: nothing, ended: nothing, advanced: nothing, drained: nothing };
  link.start();
  const peer = await accepted;
  atEnd(t, () => link.kill());
  await readOn(peer, await flood(t, peer, () => socketTo(port)));
});
