// The connection by which the server leads its gateway: settings, pings, and the end of one that hangs.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Server } from '../../src/gateway/server.ts';
import { GatewayLink } from '../../src/listeners/network/gateway-link.ts';
import { GatewayProcess } from '../../src/listeners/network/gateway-process.ts';
import {
  GATEWAY_PATH,
  GATEWAY_PROTOCOL,
  type GatewaySettings,
  type KeptSession,
  type ToGateway,
} from '../../src/model/gateway-protocol.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const SETTINGS: GatewaySettings = {
  ...{
    server: 'test',
    listen: [],
    certificate: '',
    key: '',
    login: ['token'],
    connections: 1,
    connectionsPerAddress: 1,
    paths: [],
  },
};

async function linked(t: TestContext) {
  const clock = new FakeClock();
  const path = join(temporaryDirectory(t), 'gateway');
  const killed: number[] = [];
  const said: string[] = [];
  const sessions = new Map<string, KeptSession>();
  const link = new GatewayLink({
    clock,
    sessions: {
      all: () => [...sessions.values()],
      opened: (session) => sessions.set(session.key, session),
      ended: (key) => sessions.delete(key),
    },
    listens: (at) => said.push(...at),
    full: (from) => said.push(`full ${from}`),
    hung: (pid) => said.push(`hung ${pid}`),
    kill: (pid) => killed.push(pid),
  });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => link.upgrade(request, socket as Socket, head));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(t, () => {
    link.close();
    server.close();
  });
  const come = async (): Promise<{ socket: Socket; heard: ToGateway[] }> => {
    const socket = await new Server(path).link(GATEWAY_PATH, GATEWAY_PROTOCOL);
    const heard: ToGateway[] = [];
    socket.on('data', (data: Buffer) => {
      heard.push(
        ...String(data)
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as ToGateway),
      );
    });
    return { socket, heard };
  };
  return { clock, come, killed, link, said, sessions, path };
}

test('one that comes is told the settings, and again what changes', async (t) => {
  const { come, link } = await linked(t);
  link.tell(SETTINGS);
  const { heard } = await come();
  await until('the settings', () => heard.length === 1);
  link.tell({ ...SETTINGS, connections: 2 });
  await until('the others', () => heard.length === 2);
  assert.deepEqual(heard[1], { type: 'settings', settings: { ...SETTINGS, connections: 2 } });
});

test('the next one is told the logins of browsers that the last one had', async (t) => {
  const { come, link, sessions } = await linked(t);
  link.tell(SETTINGS);
  const session = (key: string): KeptSession => ({
    key,
    login: {
      principal: { user: 'vera', channel: 'network', from: 'x', assurance: 'password' },
      expires: '2099-01-01T00:00:00Z',
    },
    proof: { method: 'password', user: 'vera', password: '' },
  });
  const first = await come();
  for (const key of ['a', 'b']) {
    first.socket.write(`${JSON.stringify({ type: 'opened', session: session(key) })}\n`);
  }
  first.socket.write(`${JSON.stringify({ type: 'ended', key: 'a' })}\n`);
  await until('what it has', () => sessions.has('b') && !sessions.has('a'));
  const { heard } = await come();
  await until('all of it', () => heard.length === 2);
  assert.deepEqual(heard, [
    { type: 'session', session: session('b') },
    { type: 'settings', settings: SETTINGS },
  ]);
});

test('one that answers is left alone; one that does not is killed', async (t) => {
  const { clock, come, killed, link, said } = await linked(t);
  const { heard, socket } = await come();
  for (let n = 1; n <= 10; n++) {
    clock.advance(5000);
    await until('a ping', () => heard.length === n);
    socket.write(`${JSON.stringify({ type: 'pong', number: n })}\n{"type":"listens","at":["${n}"],"failed":[]}\n`);
    await until('the answer', () => said.at(-1) === `${n}`);
  }
  assert.deepEqual(killed, []);
  for (let n = 0; n < 5; n++) {
    clock.advance(5000);
  }
  assert.deepEqual(killed, [process.pid]);
  await until('the end', () => !link.isLinked);
});

test('one that speaks nonsense, or another protocol, is cut off', async (t) => {
  const { come, link, path } = await linked(t);
  const { socket } = await come();
  assert.ok(link.isLinked);
  socket.write('nonsense\n');
  await until('the end', () => !link.isLinked);
  await assert.rejects(new Server(path).link(GATEWAY_PATH, 'holdfast-gateway-0'), /the server answers 400/);
});

test('a gateway that ends is started again, later each time', async (t) => {
  const clock = new FakeClock();
  let starts = 0;
  const process = new GatewayProcess(
    {
      clock,
      ended: () => undefined,
      start: () => {
        starts++;
        throw new Error('no');
      },
    },
    '/nowhere',
    {},
  );
  t.after(() => process.close());
  assert.equal(starts, 1);
  clock.advance(500);
  assert.equal(starts, 2);
  clock.advance(500);
  assert.equal(starts, 2);
  clock.advance(500);
  assert.equal(starts, 3);
  clock.advance(3_600_000);
  assert.ok(starts > 100 && starts < 140, String(starts));
});
