/** Messages that would circulate forever: from the server to itself, between two servers, to nobody. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { type Running, serve } from '../harness/isis-instance.ts';
import { missing } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** Sends datagrams with a forged sender; exits with 77 if that is not allowed. */
const FORGE = `
import socket, struct, sys
try: raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
except PermissionError: sys.exit(77)
def send(source, sport, target, tport, text):
    data = text.encode('latin1')
    udp = struct.pack('!HHHH', sport, tport, 8 + len(data), 0) + data
    ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(target))
    raw.sendto(ip + udp, (target, 0))
for line in sys.stdin.read().split(chr(10)):
    if line:
        source, sport, target, tport, text = line.split(' ', 4)
        send(source, int(sport), target, int(tport), text)
`;

type Forged = readonly [source: string, port: number, target: string, port: number, text: string];

function forge(datagrams: readonly Forged[]): void {
  const input = datagrams.map((each) => `${each.join(' ')}\n`).join('');
  assert.equal(spawnSync('python3', ['-c', FORGE], { input }).status, 0);
}

const mayForge = spawnSync('python3', ['-c', FORGE], { input: '' }).status === 0;
const skip = missing('python3') || (mayForge ? false : 'no raw sockets for this user');

async function clientOf(t: TestContext, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  atEnd(t, () => socket.close());
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** The answers to this client, one question after the other. */
async function asker(t: TestContext, port: number): Promise<(text: string) => Promise<string>> {
  const socket = await clientOf(t, port);
  return async (text) => {
    const answer = once(socket, 'message');
    socket.send(text);
    return String((await answer)[0]);
  };
}

/** How many messages a server has received since the last call. */
function counter({ instance }: Running): () => number {
  let count = 0;
  instance.server.watch({
    traffic: (batch) => {
      count += batch.filter(({ direction }) => direction === 'received').length;
    },
  });
  return () => {
    const since = count;
    count = 0;
    return since;
  };
}

const refusals = ({ events }: Running): string[] =>
  events.filter(({ kind }) => kind === 'refused').map(({ text }) => text);

test('a datagram whose sender is the server itself is dropped, with one notice', { skip }, async (t) => {
  const server = await serve(t, { listen: '0.0.0.0' });
  const { port } = server;
  const received = counter(server);
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address);
  const texts = ['A>X hello', 'A>A hello', 'IS>IS PING', 'A>AL hello', 'X>A hello', 'A>IS'];
  forge(
    ['127.0.0.1', '127.44.5.6', ...own].flatMap((from) => texts.map((text) => [from, port, from, port, text] as const)),
  );
  const ask = await asker(t, port);
  // After the forged ones.
  assert.equal(await ask('Q>IS HOSTS'), 'IS>Q DONE: HOST numHosts=1 maxHosts=32 host0=Q\r');
  await until('a notice', () => refusals(server).length > 0);
  assert.match(refusals(server)[0] as string, /the last because its sender 127\.0\.0\.1:\d+ is this server itself/);
  assert.equal(received(), 1, 'only the question');
});

test('a server that is told to ping itself does not register itself', async (t) => {
  const server = await serve(t, { listen: '0.0.0.0', udpPorts: [] });
  const ask = await asker(t, server.port);
  assert.match(await ask(`Q>IS UDPPING 127.0.0.1 ${server.port}`), /DONE: UDPPING Sent PING/);
  await until('a notice', () => refusals(server).length > 0);
  assert.match(await ask('Q>IS HOSTS'), /numHosts=1 /);
});

test('senders that cannot be answered: port 0, groups, broadcast, unspecified', { skip }, async (t) => {
  const server = await serve(t, { listen: '0.0.0.0' });
  const ask = await asker(t, server.port);
  await ask('Q>IS PING');
  for (const address of ['0.0.0.0', '224.0.0.1', '239.1.2.3', '255.255.255.255']) {
    server.instance.server.receiveUdp('A>IS PING', address, 5000);
  }
  forge([['127.0.0.1', 0, '127.0.0.1', server.port, 'A>IS PING']]);
  await until('a notice', () => refusals(server).length > 0);
  assert.match(await ask('Q>IS HOSTS'), /numHosts=1 maxHosts=32 host0=Q\r/);
  assert.equal(server.events.filter(({ kind }) => kind === 'send-failed').length, 0);
});

test('two servers that know each other do not send a broadcast back and forth', async (t) => {
  const [one, two] = [await serve(t, { serverId: 'I1' }), await serve(t, { serverId: 'I2' })];
  const received = [counter(one), counter(two)] as const;
  const ask = await asker(t, one.port);
  // As the handshake with presets does.
  assert.match(await ask(`Q>I1 UDPPING 127.0.0.1 ${two.port}`), /DONE/);
  await until(
    'they know each other',
    () => one.instance.server.table.find('I2') && two.instance.server.table.find('I1'),
  );
  assert.equal(await ask('Q>AL PING'), 'I1>Q PONG\r');
  // A later request is answered when it has been passed on.
  const another = await asker(t, two.port);
  assert.equal(await another('R>I2 PING'), 'I2>R PONG\r');
  await until('the second one has heard it', () => two.instance.server.table.find('Q'));
  assert.equal(await another('R>I2 PING'), 'I2>R PONG\r');
  assert.ok(received[0]() < 12 && received[1]() < 12, 'a handful each');
});

test('two servers that answer each other, also with errors, come to an end', { skip }, async (t) => {
  for (const ids of [
    ['IS', 'IS'],
    ['I1', 'I2'],
  ] as const) {
    const [one, two] = [await serve(t, { serverId: ids[0] }), await serve(t, { serverId: ids[1] })];
    const received = [counter(one), counter(two)] as const;
    const there = '127.0.0.1';
    // Each takes the other for the host Y, and for other hosts.
    forge([
      [there, two.port, there, one.port, `Y>${ids[0]} PING`],
      [there, one.port, there, two.port, `Y>${ids[1]} PING`],
      [there, two.port, there, one.port, 'A>NOBODY hello'],
      [there, two.port, there, one.port, 'A>IS nonsense'],
      [there, two.port, there, one.port, 'A>AL nonsense'],
    ]);
    const asks = [await asker(t, one.port), await asker(t, two.port)] as const;
    await asks[0](`Q>${ids[0]} PING`);
    await asks[1](`Q>${ids[1]} PING`);
    assert.ok(received[0]() + received[1]() < 60, ids.join());
    // Now one that circulates: it is passed on some thousand times, and then no more.
    forge([[there, two.port, there, one.port, 'Z>Y round']]);
    await until('an end', () =>
      [...refusals(one), ...refusals(two)].some((text) => text.includes('go round between us')),
    );
    received[0]();
    received[1]();
    await asks[0](`Q>${ids[0]} PING`);
    await asks[1](`Q>${ids[1]} PING`);
    assert.ok(received[0]() + received[1]() < 10, `nothing goes round any more (${ids.join()})`);
  }
});
