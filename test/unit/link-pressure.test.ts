// A holder that does not read: a flood from a line or a person waits where the queue is bounded.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FRAME, frame, OLDEST_PROTOCOL, PROTOCOL } from '../../src/codec/holder-frames.ts';
import { LinkRunner } from '../../src/console/link-runner.ts';
import type { Backend } from '../../src/model/backend.ts';
import type { RunnerHandlers } from '../../src/model/runner.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import type { HolderClient } from '../../src/remote/holder-client.ts';
import { atEnd } from '../harness/at-end.ts';
import { holderClient } from '../harness/holder.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const SIZE = 32 << 20;

function handlers(more: Partial<RunnerHandlers> = {}): RunnerHandlers {
  const nothing = () => undefined;
  return { started: nothing, notStarted: nothing, ended: nothing, advanced: nothing, drained: nothing, ...more };
}

test('a line is not read while the holder does not read, and nothing is lost', async (t) => {
  const peers: Socket[] = [];
  const server = createServer((socket) => peers.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  let got = 0;
  let feeds = 0;
  let room: (() => void) | undefined;
  const backend = {
    handlers: handlers(),
    feed(bytes: Uint8Array, again: () => void) {
      got += bytes.length;
      feeds++;
      room = again;
      return false;
    },
  };
  const { port } = server.address() as AddressInfo;
  const source = { kind: 'tcp', host: '127.0.0.1', port } as const;
  const host = new LinkRunner(source, backend as unknown as Backend, {
    openSerial: () => assert.fail(),
    makeCodec: () => assert.fail(),
    clock: systemClock,
  });
  atEnd(t, () => {
    host.kill();
    server.close();
    peers.forEach((peer) => void peer.destroy());
  });
  const started = Promise.withResolvers<void>();
  host.handlers = handlers({ started: () => started.resolve() });
  host.start();
  await started.promise;
  const peer = await until('the connection', () => peers[0]);
  assert.equal(peer.write(Buffer.alloc(SIZE)), false);
  await until('the first of it', () => feeds > 0);
  for (let i = 0; i < 100; i++) {
    await turn();
  }
  assert.equal(feeds, 1);
  assert.ok(peer.writableLength > 0, 'the peer waits');
  while (got < SIZE) {
    const again = room;
    room = undefined;
    again?.();
    await turn();
  }
  assert.equal(got, SIZE);
});

async function deafHolder(t: TestContext): Promise<{ client: HolderClient; peer: Socket; lost: () => boolean }> {
  const path = join(temporaryDirectory(t), 'holder');
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    const hello = {
      program: 'holdfast-holder',
      protocol: PROTOCOL,
      oldest: OLDEST_PROTOCOL,
      version: '0',
      pid: 1,
      startedAt: 0,
    };
    socket.on('error', () => undefined);
    socket.write(frame(FRAME.hello, Buffer.from(JSON.stringify(hello))));
    socket.pause();
  }).listen(path);
  await once(server, 'listening');
  let gone = false;
  const client = await holderClient(path, () => {
    gone = true;
  });
  atEnd(t, () => {
    client.close();
    server.close();
    sockets.forEach((socket) => void socket.destroy());
  });
  return { client, peer: await until('the server side', () => sockets[0]), lost: () => gone };
}

/** The bytes that it accepted until there was no room. */
function fill(client: HolderClient): number {
  const piece = Buffer.alloc(64 << 10);
  let sent = piece.length;
  while (client.send(FRAME.feed, 1, piece)) {
    sent += piece.length;
    assert.ok(sent < SIZE, 'it takes whatever comes');
  }
  return sent;
}

test('a holder that does not read is sent at most a bound; room is reported when it reads', async (t) => {
  const { client, peer } = await deafHolder(t);
  assert.ok(fill(client) < 16 << 20);
  let told = 0;
  const action = () => {
    told++;
  };
  client.whenRoom(action);
  client.whenRoom(action);
  peer.resume();
  await until('room', () => told > 0);
  assert.equal(told, 1);
  assert.ok(client.send(FRAME.feed, 1, Buffer.from('x')));
});

test('waiting for a holder ends when it dies', async (t) => {
  const { client, peer, lost } = await deafHolder(t);
  fill(client);
  let told = false;
  client.whenRoom(() => {
    told = true;
  });
  peer.destroy();
  await until('the end', lost);
  assert.ok(told);
  assert.ok(client.send(FRAME.feed, 1, Buffer.from('x')), 'what goes nowhere waits for nothing');
});
