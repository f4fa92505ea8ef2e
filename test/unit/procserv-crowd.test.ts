// More connections at an endpoint than it takes, over real sockets.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Crowd } from '../../src/listeners/procserv/crowd.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

const REFUSED = '@@@ Refused: 3 connections are open here, which is the limit. Try again later.\r\n';

interface Endpoint {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly told: string[];
  readonly accepted: Socket[];
  /** Accepted connections. */
  readonly inside: Set<Socket>;
  /** A peer, and everything that it has read by the end of the connection. */
  join(): { readonly socket: Socket; readonly read: Promise<string> };
}

async function endpoint(t: TestContext): Promise<Endpoint> {
  const server = createServer({ allowHalfOpen: true });
  const clock = new FakeClock();
  const told: string[] = [];
  const inside = new Set<Socket>();
  const crowd = new Crowd(server, clock, (text) => told.push(text), 3);
  const accepted: Socket[] = [];
  server.on('connection', (socket) => {
    accepted.push(socket);
    if (crowd.admits(socket)) {
      inside.add(socket);
      socket.resume().once('close', () => inside.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const peers: Socket[] = [];
  atEnd(t, () => {
    server.close();
    for (const socket of [...peers, ...accepted]) {
      socket.destroy();
    }
  });
  const join = () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    peers.push(socket);
    let text = '';
    socket.on('data', (data: Buffer) => {
      text += data.toString();
    });
    return { socket, read: once(socket, 'close').then(() => text) };
  };
  return { server, clock, told, accepted, inside, join };
}

test('beyond the limit a peer is told why and closed; that is reported once, and again when it is over', async (t) => {
  const { clock, told, inside, join } = await endpoint(t);
  const first = [join(), join(), join()];
  await until('the first three', () => inside.size === 3);
  for (let n = 0; n < 5; n++) {
    const { socket, read } = join();
    socket.write('what a program says at once');
    assert.equal(await read, REFUSED);
  }
  assert.deepEqual(told, ['3 connections are open, which is the limit: further ones are refused']);
  first[0]?.socket.end();
  for (const socket of inside) {
    socket.end();
  }
  await until('room', () => inside.size === 0);
  join();
  await until('the next one', () => inside.size === 1);
  clock.advance(10_000);
  assert.deepEqual(told.slice(1), ['no further connection is refused; 5 were']);
});

test('a refused peer that does not leave is closed', async (t) => {
  const { accepted, clock, inside, join } = await endpoint(t);
  for (let n = 0; n < 3; n++) {
    join();
  }
  await until('the first three', () => inside.size === 3);
  const { socket } = join();
  // Its side stays open after our end.
  socket.allowHalfOpen = true;
  await once(socket, 'end');
  const refused = accepted[3];
  assert.equal(refused?.destroyed, false);
  clock.advance(1000);
  assert.equal(refused?.destroyed, true);
});

test('the number of refused peers that do not leave is bounded too', async (t) => {
  const { inside, join, server } = await endpoint(t);
  for (let n = 0; n < 3; n++) {
    join();
  }
  await until('the first three', () => inside.size === 3);
  let dropped = 0;
  server.on('drop', () => dropped++);
  for (let n = 0; n < 100; n++) {
    join().socket.allowHalfOpen = true;
  }
  await until('those beyond', () => dropped === 50);
});
