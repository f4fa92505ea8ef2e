// Connections at the control socket whose peers misbehave: their share is bounded, and everybody else is served
// meanwhile.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { connectControl } from '../../src/client/control-connection.ts';
import { type ConnectionLimits, LIMITS } from '../../src/listeners/control/connections.ts';
import { type ControlOptions, createControl } from '../../src/listeners/control/control.ts';
import { native } from '../../src/platform/native.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import type { Clock } from '../../src/platform/time/clock.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { atEnd } from '../harness/at-end.ts';
import { entered } from '../harness/entered.ts';
import { until } from '../harness/until.ts';

const UPGRADE =
  'GET /v1/consoles/vac/attach HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: holdfast.attach.v1\r\n';
const LIST = 'GET /v1/consoles HTTP/1.1\r\nHost: x\r\n\r\n';
const nothing = (): void => undefined;

class CountingHost extends FakeHost {
  lists = 0;
  override async list() {
    this.lists += 1;
    return super.list();
  }
}

async function serve(
  t: TestContext,
  limits: Partial<ConnectionLimits>,
  { clock = systemClock, ...more }: Partial<ControlOptions> & { clock?: Clock } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), 'hf-connections-'));
  const path = join(dir, 'control');
  const host = new CountingHost();
  host.add('vac');
  const faults: unknown[] = [];
  const fault = (error: unknown): void => void faults.push(error);
  const control = createControl({ door: openDoor(host), clock, fault, limits: { ...LIMITS, ...limits }, ...more });
  await control.listen(listenOn({ kind: 'unix', path, mode: 0o600 }).fd);
  const sockets: Socket[] = [];
  atEnd(t, async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    await control.close();
    rmSync(dir, { recursive: true });
    assert.deepEqual(faults, []);
  });
  /** A peer that keeps its own end open whatever the server does. */
  const peer = async (text: string): Promise<Socket> => {
    const socket = connect({ path, allowHalfOpen: true });
    sockets.push(socket);
    socket.on('error', nothing);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  return { host, control, path, client: connectControl(path), peer };
}

/** Resolves when twenty polls in a row have found the same number, and not 0. */
function atRest(what: string, look: () => number): Promise<boolean> {
  let last = 0;
  let same = 0;
  return until(what, () => {
    const now = look();
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
    return same >= 20;
  });
}

/** Everything that the server sends until it ends. */
async function whole(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  await once(socket, 'end');
  return text;
}

test('endless requests are refused and closed, even if the peer keeps its end open', async (t) => {
  const { client, peer, control } = await serve(t, { arrival: 100, look: 20 });
  const begun = {
    nothing: '',
    'half a head': 'GET /v1/consoles HTTP/1.1\r\nX: ',
    'half a body':
      'POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{',
    'half an upgrade': UPGRADE,
  };
  const sockets = await Promise.all(Object.values(begun).map(peer));
  for (const socket of sockets) {
    assert.match(await whole(socket), /^HTTP\/1\.1 408 .*did not come in whole within 0\.1 s/s);
  }
  const others = [
    peer('no HTTP at all\r\n\r\n'),
    peer(`${UPGRADE.replace('holdfast.attach.v1', 'chat')}\r\n`),
    peer(`${UPGRADE.replace('/vac/', '/none/')}\r\n`),
    peer(`${UPGRADE.replace('AAAAAAAA', '')}\r\n`),
  ];
  for (const socket of await Promise.all(others)) {
    assert.match(await whole(socket), /^HTTP\/1\.1 40[04] /);
    sockets.push(socket);
  }
  assert.equal((await client.list({})).length, 1);
  await until('every connection to be given up', () => control.connections <= 1);
  assert.ok(
    sockets.every((socket) => socket.writable),
    'their own ends are open still',
  );
});

test('a peer that sends requests and does not read is not read; others are answered; it gets all its answers when it reads', async (t) => {
  const { host, client, peer } = await serve(t, {});
  for (let n = 1; n < 5; n += 1) {
    host.add(`console${n}`);
  }
  await client.list({});
  // More than a socket takes, as are their answers.
  const asked = 2000;
  const long = LIST.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(1000)}\r\n\r\n`);
  const socket = await peer(long.repeat(asked));
  socket.pause();
  await atRest('the server to answer no more', () => host.lists);
  const answered = host.lists;
  assert.ok(answered < asked / 4, `${answered} of ${asked} were answered to nobody`);
  assert.ok(socket.writableLength > 0, 'the rest was not even read');
  assert.equal((await client.list({})).length, 5);
  let last = '';
  socket.on('data', (data: Buffer) => {
    last = (last + data.toString('latin1')).slice(-4096);
  });
  socket.write('GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n');
  socket.resume();
  await until('the last answer', () => last.includes('There is no GET /v1/nothing'));
  assert.equal(host.lists, asked + 2);
});

test('a server that accepts nobody for the moment is tried again', async (t) => {
  const { control, path } = await serve(t, {});
  const crowded = `${path}.crowded`;
  const fd = native.listenUnix(crowded, 0);
  const others: Socket[] = [];
  atEnd(t, () => others.map((socket) => socket.destroy()));
  /** The result of one more connection: empty, or the code of its error. */
  const another = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(crowded, () => resolve(''));
      others.push(socket);
      socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
    });
  while ((await another()) !== 'EAGAIN') {
    // There was room.
  }
  const asked = connectControl(crowded).list({});
  asked.catch(nothing);
  // The client is refused as these are, meanwhile.
  for (let n = 0; n < 50; n += 1) {
    assert.equal(await another(), 'EAGAIN');
  }
  await control.listen(fd);
  assert.equal((await asked).length, 1);
});

test('however many ask at the same moment, others are served in between', async (t) => {
  const { host, client, peer, control } = await serve(t, {});
  await client.list({});
  const idle = await Promise.all(Array.from({ length: 300 }, () => peer('')));
  await until('all of them to be let in', () => control.connections >= idle.length);
  const before = host.lists;
  let [seen, most] = [before, 0];
  for (const socket of idle) {
    socket.write(LIST);
  }
  while (host.lists < before + idle.length) {
    await new Promise(setImmediate);
    most = Math.max(most, host.lists - seen);
    seen = host.lists;
  }
  assert.ok(most <= 8, `${most} requests were begun in one turn`);
});

test('unread answers are dropped beyond a common bound; a reader gets its own', async (t) => {
  const { host, client, peer, control } = await serve(t, { unread: 1 << 20 });
  host.add('long', { labels: { text: 'x'.repeat(600_000) } });
  const deaf = [await peer(LIST), await peer(LIST), await peer(LIST), await peer(LIST)];
  for (const socket of deaf) {
    socket.pause();
  }
  await until('the deaf to have asked', () => host.lists >= deaf.length);
  assert.equal((await client.list({})).length, 2);
  await until('some to be given up', () => control.connections < deaf.length);
});

test('a silent connection makes room for the next one; sessions leave room for requests', async (t) => {
  const { client, peer, control } = await serve(t, { connections: 6, lasting: 3 });
  const silent = await Promise.all(Array.from({ length: 6 }, () => peer('')));
  const ends = silent.map((socket) => once(socket.resume(), 'end'));
  const first = await entered(client, 'vac');
  await ends[0];
  const others = [await entered(client, 'vac'), await entered(client, 'vac')];
  await assert.rejects(entered(client, 'vac'), { code: 'HF_BUSY' });
  await assert.rejects(async () => {
    for await (const _ of client.followEvents({})) {
      // None comes.
    }
  }, /has 3 sessions and followers/);
  assert.equal((await client.list({})).length, 1);
  first.leave();
  await until('a session to have left', () => control.connections === 3);
  others.push(await entered(client, 'vac'));
  for (const link of others) {
    link.leave();
  }
});

test('running out of connections or descriptors is reported', async (t) => {
  let scarce = false;
  const refused: string[] = [];
  const { client, control } = await serve(
    t,
    { connections: 2, lasting: 2 },
    { mayKeep: () => !scarce, refused: () => void refused.push('control') },
  );
  const links = [await entered(client, 'vac'), await entered(client, 'vac')];
  await assert.rejects(client.list({}), { code: 'HF_BUSY', message: 'The server has 2 connections; try again' });
  links[0]?.leave();
  await until('room', () => control.connections === 1);
  scarce = true;
  await assert.rejects(client.list({}), { code: 'HF_BUSY', message: 'The server is out of descriptors; try again' });
  assert.deepEqual(refused, ['control']);
  links[1]?.leave();
});

test('a WebSocket peer that gives no sign of life is dropped, one that answers is not', async (t) => {
  const clock = new FakeClock();
  const { peer, path, control } = await serve(t, {}, { clock });
  const dead = await peer(`${UPGRADE}\r\n`);
  const [head] = (await once(dead, 'data')) as [Buffer];
  assert.match(head.toString(), /^HTTP\/1\.1 101 /);
  const alive = new WebSocket(`ws+unix:${path}:/v1/consoles/vac/attach`, 'holdfast.attach.v1', {
    headers: { host: 'x' },
  });
  atEnd(t, () => alive.terminate());
  await once(alive, 'message');
  const gone = once(dead, 'end');
  for (let n = 0; n < 3; n += 1) {
    const pinged = once(alive, 'ping');
    clock.advance(20_000);
    await pinged;
    // Its pong is on the way; a later message comes after it, and is answered.
    alive.send('{"type":"take"}');
    await once(alive, 'message');
    alive.send('{"type":"release"}');
    await once(alive, 'message');
  }
  await gone;
  await until('the dead one to be given up', () => control.connections === 1);
});

test('a WebSocket peer that types without the keyboard and does not read is not read', async (t) => {
  const { peer, client, host } = await serve(t, {});
  const socket = await peer(`${UPGRADE}\r\n`);
  await once(socket, 'data');
  socket.pause();
  // Masked, binary, empty: each is refused with a message of 100 bytes.
  socket.write(Buffer.alloc(6 * 500_000, Buffer.of(0x82, 0x80, 0, 0, 0, 0)));
  await until('the server to read no more', () => socket.writableLength > 0);
  const before = process.memoryUsage().rss;
  const link = await entered(client, 'vac', { mode: 'write' });
  link.write(Buffer.from('x'));
  await until('what another types', () => (host.consoles.get('vac')?.input ?? '') !== '');
  assert.ok(process.memoryUsage().rss - before < 64 << 20);
  link.leave();
});
