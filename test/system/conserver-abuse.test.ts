/** Clients that misbehave in every possible way cost the consoles nothing: output goes on, nothing is kept. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import fc from 'fast-check';
import { atEnd } from '../harness/at-end.ts';
import { CONSOLE, OnTerminal, OUR_CONSERVER, startConserver, within } from '../interop/conserver-server.ts';
import { place, WireClient } from '../interop/wire-client.ts';

const CF = `default any { master localhost; type exec; rw *; logfile @D@/&.log; }
console tick { include any; exec "exec perl -e '$|=1; for ($n=0;; $n++) { print qq(tick $n), chr 10; select undef,undef,undef,0.01 }'"; }
console flood { include any; exec "stty -echo; read go; yes 0123456789"; }
console deaf { include any; exec "stty raw -echo; echo ready; exec sleep 1000"; }
access * { allowed 127.0.0.1; }
`;
const PASSWD = 'test:\nann:\nbob:$6$saltsalt$notahash\n';

interface Setting {
  readonly master: number;
  readonly group: number;
  readonly pid: number;
  /** Fails unless every tick since the last call has come, and more of them do. */
  readonly ticksGoOn: () => Promise<void>;
}

async function setting(t: TestContext): Promise<Setting> {
  const { port: master } = await startConserver(t, CF, PASSWD, OUR_CONSERVER);
  const { group, pid } = await place(master, 'tick');
  const watcher = await WireClient.join(group, 'ann', 'tick');
  atEnd(t, () => watcher.close());
  await watcher.expect(/tick \d+\r\n/);
  let last = Number(/tick (\d+)/.exec(await watcher.expect(/tick \d+\r\n/))?.[1]);
  const ticksGoOn = async (): Promise<void> => {
    await watcher.expect(/(tick \d+\r\n){5}$/);
    watcher.send('\x05cv');
    // A tick may come after the `[`, which is the answer to `^Ec`.
    const text = await watcher.expect(/version .*\]\r\n/);
    for (const [, n] of text.matchAll(/tick (\d+)\r\n/g)) {
      assert.ok(Number(n) > last, `tick ${n} behind ${last}`);
      last = Number(n);
    }
  };
  return { master, group, pid, ticksGoOn };
}

const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;

/** The server notices that a peer has left in a later turn of its loop. */
async function backTo(pid: number, before: number): Promise<void> {
  const look = async (): Promise<void> => {
    while (descriptors(pid) > before) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await within(look(), `the server to have ${before} descriptors again, not ${descriptors(pid)}`);
}

test('2,000 silent connections: bounded, then gone, and another user logs in meanwhile', async (t) => {
  const { master, group, pid, ticksGoOn } = await setting(t);
  const before = descriptors(pid);
  const crowd: WireClient[] = [];
  for (let n = 0; n < 2000; n += 100) {
    const more = await Promise.all(
      Array.from({ length: 100 }, (_, i) => WireClient.open(i % 2 === 0 ? master : group).catch(() => undefined)),
    );
    crowd.push(...more.filter((client) => client !== undefined));
    if (n % 500 === 0) {
      await ticksGoOn();
    }
  }
  assert.ok(crowd.length > 1000, `${crowd.length} connections were made`);
  assert.ok(descriptors(pid) <= before + 520, `${descriptors(pid)} descriptors`);
  const honest = await WireClient.join(group, 'ann', 'tick');
  await honest.expect(/tick \d+\r\n/);
  honest.close();
  await ticksGoOn();
  for (const client of crowd) {
    client.close();
  }
  await backTo(pid, before);
  assert.ok(residentMegabytes(pid) < 200, `${residentMegabytes(pid)} MB`);
});

test('connections that are reset before they are accepted', async (t) => {
  const { master, group, pid, ticksGoOn } = await setting(t);
  const before = descriptors(pid);
  for (let n = 0; n < 1000; n += 100) {
    const gone = Array.from({ length: 100 }, (_, i) => {
      // Not reading: if it were destroyed by what it reads while Node shuts it down, Node would never close it.
      const socket = connect({ port: i % 2 === 0 ? master : group, host: '127.0.0.1' }).pause();
      socket.on('error', () => undefined).on('connect', () => socket.resetAndDestroy());
      return once(socket, 'close');
    });
    await Promise.all(gone);
  }
  await ticksGoOn();
  await backTo(pid, before);
});

test('a megabyte without a line end, many lines after a password, meaningless bytes', async (t) => {
  const { master, group, pid, ticksGoOn } = await setting(t);
  const before = descriptors(pid);
  const resident = residentMegabytes(pid);
  const clients: WireClient[] = [];
  for (const port of [master, group]) {
    const long = await WireClient.open(port);
    long.send('x'.repeat(1 << 20));
    await long.ask('', 'unknown command\r\n');
    await long.ask('login ann', 'ok\r\n');
    long.send(`${'y'.repeat(1 << 20)}`);
    await long.ask('', 'unknown command\r\n');
    const pipelined = await WireClient.open(port);
    pipelined.send(`login bob\r\nwrong\r\n${'help\r\n'.repeat(100_000)}`);
    await pipelined.closed;
    assert.match(pipelined.text, /passwd\? .*\r\ninvalid password\r\n$/);
    const noise = await WireClient.open(port);
    noise.socket.write(Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 7919) & 0xff)));
    clients.push(long, noise);
  }
  const typist = await WireClient.join(group, 'ann', 'deaf');
  for (let part = 0; part < 64; part++) {
    typist.send('z'.repeat(65_536));
  }
  await ticksGoOn();
  assert.ok(residentMegabytes(pid) < resident + 100, `${resident} MB before, ${residentMegabytes(pid)} MB after`);
  // The input of this one is not read: its departure is still noticed.
  typist.socket.resetAndDestroy();
  for (const client of clients) {
    client.close();
  }
  await backTo(pid, before);
  const next = await WireClient.open(group);
  await next.ask('login ann', /\nok\r\n/);
  await next.ask('call deaf', '[attached]\r\n');
  next.close();
  await ticksGoOn();
});

test('a session that stops reading a flood, and one that never reads the answers to its requests', async (t) => {
  const { group, pid, ticksGoOn } = await setting(t);
  const before = descriptors(pid);
  const resident = residentMegabytes(pid);
  const stopped = await WireClient.join(group, 'ann', 'flood');
  const reader = await WireClient.join(group, 'ann', 'flood');
  stopped.send('\r');
  await stopped.expect('0123456789\r\n');
  stopped.socket.pause();
  let read = 0;
  reader.socket.on('data', (packet: Uint8Array) => {
    read += packet.length;
    reader.text = '';
  });
  const asker = await WireClient.open(group);
  asker.socket.pause();
  asker.send(`login ann\r\n${'info\r\n'.repeat(50_000)}`);
  while (read < 100 << 20) {
    await once(reader.socket, 'data');
  }
  await ticksGoOn();
  assert.ok(residentMegabytes(pid) < resident + 150, `${resident} MB before, ${residentMegabytes(pid)} MB after`);
  stopped.socket.resume();
  await stopped.expect(/\[-- \d+ bytes of output missed: this client was too slow --\]\r\n/);
  for (const client of [stopped, reader, asker]) {
    client.close();
  }
  await ticksGoOn();
  await backTo(pid, before);
});

test('half-closed at every stage, reset at every stage, TLS that is abandoned', async (t) => {
  const { master, group, pid, ticksGoOn } = await setting(t);
  const before = descriptors(pid);
  const stages = [
    '',
    'login ann',
    'login ann\r\n',
    'login bob\r\n',
    'login bob\r\nwrong',
    'ssl\r\n',
    'ssl\r\n\x16\x03\x01',
  ];
  const sessions = [
    'login ann\r\ncall tick\r\n',
    'login ann\r\ncall tick\r\n\x05c;',
    'login ann\r\ncall tick\r\n\x05c;\x05cz',
  ];
  for (const text of [...stages, ...stages.map((stage) => `${stage}\xff`), ...sessions]) {
    for (const port of sessions.includes(text) ? [group] : [master, group]) {
      const half = await WireClient.open(port);
      half.socket.end(Buffer.from(text, 'latin1'));
      half.socket.resume();
      const reset = await WireClient.open(port);
      await reset.expect('ok\r\n');
      reset.socket.write(Buffer.from(text, 'latin1'), () => reset.socket.resetAndDestroy());
      if (!text.startsWith('ssl')) {
        await within(half.closed, `the server to close after ${JSON.stringify(text)}`);
      }
      half.close();
      await reset.closed;
    }
  }
  const secured = await WireClient.open(master);
  await secured.expect('ok\r\n');
  await secured.ask('ssl', 'ok\r\n');
  secured.socket.removeAllListeners('data');
  const tls = tlsConnect({
    socket: secured.socket,
    ciphers: 'ALL:aNULL:@SECLEVEL=0',
    maxVersion: 'TLSv1.2',
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  await once(tls, 'secureConnect');
  tls.write('login ann\r\n');
  await once(tls, 'data');
  secured.socket.resetAndDestroy();
  await ticksGoOn();
  await backTo(pid, before);
});

test('wrong passwords cost more and more time, for this user from this peer', async (t) => {
  const { master, ticksGoOn } = await setting(t);
  const tried = async (user: string): Promise<string> => {
    const client = await WireClient.open(master);
    await client.expect('ok\r\n');
    await client.ask(`login ${user}`, '\r\n');
    client.send('guess\r\n');
    await client.closed;
    return client.text;
  };
  let refused = 0;
  for (let tries = 0; tries < 11; tries++) {
    const answer = await tried('bob');
    assert.match(answer, /^(invalid password|too many wrong passwords: wait \d+ s)\r\n$/);
    refused += answer.startsWith('too many') ? 1 : 0;
  }
  assert.equal(refused, 0, 'eleven wrong ones are looked at');
  assert.match(await tried('bob'), /^too many wrong passwords: wait 1 s\r\n$/);
  assert.equal(await tried('cid'), 'invalid password\r\n', 'somebody else is not held up');
  await ticksGoOn();
});

test('our client at a prompt keeps no more of a flood than it can use', async (t) => {
  const { master, group } = await setting(t);
  const words = `-n -C /dev/null -M 127.0.0.1 -p ${master} -E -l ann`;
  const pidOf = async (terminal: OnTerminal): Promise<number> =>
    Number(/pid (\d+)/.exec(await terminal.expect(/pid \d+\r\n/))?.[1]);
  const asked = new OnTerminal(t, `sh -c 'echo pid $$; exec ${CONSOLE} ${words} -A flood'`);
  const pid = await pidOf(asked);
  await asked.expect('[replay]');
  asked.type('\x05c|');
  await asked.expect('[exec: ');
  const before = residentMegabytes(pid);
  const typist = await WireClient.join(group, 'ann', 'flood');
  typist.send('\x05cf\r');
  let read = 0;
  typist.socket.on('data', (packet: Uint8Array) => {
    read += packet.length;
    typist.text = '';
  });
  while (read < 48 << 20) {
    await once(typist.socket, 'data');
  }
  const after = residentMegabytes(pid);
  assert.ok(after - before < 32, `${before} MB when the prompt came, then ${after} MB`);
});

test('sessions that send arbitrary bytes end only themselves', async (t) => {
  const { group, pid, ticksGoOn } = await setting(t);
  const before = descriptors(pid);
  // Escape commands, signals, digits, line ends, and meaningless bytes. `^Ecd` may take a console down, but not the one
  // with the ticks.
  const telling = [
    5, 0x63, 5, 0x63, 0xff, 0x45, 0x47, 0x5a, 0x2e, 0x0d, 0x0a, 0x31, 0x3f, 0x21, 0x7c, 0x1a, 0x3b, 0xd6,
  ];
  const byte = fc.oneof(
    fc.constantFrom(...telling),
    fc.integer({ min: 0x61, max: 0x7a }),
    fc.integer({ min: 0, max: 255 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.array(byte, { maxLength: 200 }), async (first, then) => {
      const session = await WireClient.join(group, 'ann', 'deaf');
      session.socket.write(first);
      session.socket.end(Uint8Array.from(then));
      session.socket.resume();
      // A suspended client, or one at a prompt, stays until it disconnects.
      setImmediate(() => session.close());
      await session.closed;
    }),
    { numRuns: 80 },
  );
  await ticksGoOn();
  await backTo(pid, before);
});
