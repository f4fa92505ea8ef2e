// An ISIS server of a host: after a failure to open or a request to end it is opened again after ten seconds.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { IsisService } from '../../src/isis/service.ts';
import { defaultIsisConfig, type IsisConfig } from '../../src/model/isis-config.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';

const LOCAL = '127.0.0.1';

const SETTINGS: IsisConfig = { ...defaultIsisConfig(), listen: LOCAL, log: false, handshaking: false };

function service(t: TestContext, changes: Partial<IsisConfig> = {}, reload?: () => Promise<IsisConfig>) {
  const clock = new FakeClock();
  const notes: string[] = [];
  const settings: IsisConfig = { ...SETTINGS, ...changes };
  const one = new IsisService({
    config: { name: 'one', source: 'holdfast.toml', place: { file: 'holdfast.toml', line: 1 }, settings },
    version: '1',
    timers: clock,
    note: (text) => notes.push(text.replace(/\d{4,5}/g, 'N')),
    reload: reload ?? (async () => settings),
  });
  atEnd(t, () => one.stop());
  /** Lets the timers run, and waits for the work that they started. */
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await one.settled();
  };
  return { one, notes, pass, state: () => one.summary().state };
}

test('a port in use is retried every ten seconds, reported once, and opened when it is free', async (t) => {
  await using taken = createSocket('udp4').bind(0, LOCAL);
  await once(taken, 'listening');
  const { one, notes, pass, state } = service(t, { serverPort: taken.address().port });
  await one.start();
  assert.equal(state(), 'waiting');
  assert.throws(() => one.server, { code: 'HF_ISIS_DOWN' });
  await pass(9_999);
  await pass(1);
  await pass(10_000);
  assert.equal(state(), 'waiting');
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? '', /^not opened: .*(EADDRINUSE|Address already in use).*; opened again in 10 s$/);
  taken.close();
  await once(taken, 'close');
  await pass(9_999);
  assert.equal(state(), 'waiting');
  await pass(1);
  assert.equal(state(), 'running');
  assert.equal(notes.at(-1), `ISIS server IS is open on ${LOCAL}:N`);
  assert.equal(one.summary().reason, undefined);
});

test('a missing serial line keeps it waiting, and is named', async (t) => {
  const { one, state } = service(t, { ttyPorts: ['/no/such/line'] });
  await one.start();
  assert.equal(state(), 'waiting');
  assert.match(one.summary().reason ?? '', /\/no\/such\/line/);
});

test('told to end by EXEC: QUIT, it is back after ten seconds, and watchers go on watching', async (t) => {
  const { one, pass, state } = service(t);
  await one.start();
  const seen: string[] = [];
  let heard: () => void = () => undefined;
  let ends = 0;
  one.watch(
    (batch) => {
      seen.push(...batch.map(({ body }) => body));
      if (seen.includes('STATUS: after')) {
        heard();
      }
    },
    () => {
      ends += 1;
    },
  );
  one.server.receiveUdp('A>IS EXEC: QUIT\r', LOCAL, 9);
  await one.settled();
  assert.deepEqual([state(), one.summary().reason], ['waiting', 'told to end by EXEC: QUIT']);
  await pass(10_000);
  assert.equal(state(), 'running');
  assert.equal(one.server.table.count, 0);
  const later = new Promise<void>((resolve) => {
    heard = resolve;
  });
  one.server.receiveUdp('B>IS STATUS: after\r', LOCAL, 9);
  await later;
  assert.equal(seen.at(-1), 'STATUS: after');
  assert.equal(ends, 0);
  await one.stop();
  assert.equal(ends, 1);
});

test('stopped, it is not opened again', async (t) => {
  const { one, pass, state } = service(t, { ttyPorts: ['/no/such/line'] });
  await one.start();
  await one.stop();
  await pass(20_000);
  assert.equal(state(), 'stopped');
});

test('told to end twice, or while it is stopped, it is not opened again after that', async (t) => {
  const { one, pass, state } = service(t);
  await one.start();
  const { server } = one;
  server.receiveUdp('A>IS EXEC: QUIT\r', LOCAL, 9);
  server.receiveUdp('A>IS EXEC: QUIT\r', LOCAL, 9);
  await one.settled();
  await one.stop();
  await pass(20_000);
  assert.equal(state(), 'stopped');
  await one.start();
  const stopped = one.stop();
  one.server.receiveUdp('A>IS EXEC: QUIT\r', LOCAL, 9);
  await stopped;
  await one.settled();
  await pass(20_000);
  assert.equal(state(), 'stopped');
});

test('a configuration that a warm restart could not apply is not in force', async (t) => {
  await using taken = createSocket('udp4').bind(0, LOCAL);
  await once(taken, 'listening');
  let read = { ...SETTINGS, serverPort: taken.address().port };
  const { one } = service(t, {}, async () => read);
  await one.start();
  assert.match((await one.server.restart()) ?? '', /EADDRINUSE|Address already in use/);
  taken.close();
  // A plan compares with this: the change is still pending.
  assert.equal(one.config.settings.serverPort, 0);
  read = { ...SETTINGS, maxHosts: 3 };
  assert.equal(await one.server.restart(), undefined);
  assert.equal(one.config.settings.maxHosts, 3);
});

test('a warm restart whose configuration comes when it was stopped opens nothing', async (t) => {
  await using free = createSocket('udp4').bind(0, LOCAL);
  await once(free, 'listening');
  const { port } = free.address();
  free.close();
  await once(free, 'close');
  const read = Promise.withResolvers<IsisConfig>();
  const { one } = service(t, {}, () => read.promise);
  await one.start();
  const restarted = one.server.restart();
  await one.stop();
  read.resolve({ ...SETTINGS, serverPort: port });
  assert.equal(await restarted, 'the server was closed meanwhile');
  await using socket = createSocket('udp4').bind(port, LOCAL);
  await once(socket, 'listening');
});
