/**
 * Nothing that others do costs a console (ARCHITECTURE, invariants): strangers at every listener of a host at once,
 * each doing its worst while a user types at another console. Every key comes back, in order, once, and is in the log;
 * server, holder and children stay, and are as small as before.
 */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { freePort } from '../harness/free-port.ts';
import { HostUnderTest } from '../harness/host.ts';
import { descriptors, isAlive, status, temporaryDirectory } from '../harness/machine.ts';
import { place, WireClient } from '../interop/wire-client.ts';

const ROUNDS = 120;
/** The most bytes that one stranger sends: far more than any buffer on the way. */
const FLOOD = 8 << 20;
const MAX_GROWTH_MIB = 150;

type Door = string | number;

/** Leftovers of a failed test. */
const connections = new Set<Socket>();
after(() => {
  for (const socket of connections) {
    socket.destroy();
  }
});

/** undefined if it is refused. */
async function open(door: Door): Promise<Socket | undefined> {
  const socket = typeof door === 'number' ? connect(door, '127.0.0.1') : connect(door);
  connections.add(socket);
  socket.on('error', () => undefined).once('close', () => connections.delete(socket));
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  return socket.destroyed ? undefined : socket;
}

/** Sends the same bytes repeatedly, waiting while the other side does not take them, and reads nothing. */
async function asksAndReadsNothing(socket: Socket | undefined, block: Uint8Array, over: AbortSignal): Promise<void> {
  socket?.pause();
  for (let sent = 0; socket && !socket.destroyed && !over.aborted && sent < FLOOD; sent += block.length) {
    if (!socket.write(block)) {
      await Promise.race([once(socket, 'drain', { signal: over }), once(socket, 'close', { signal: over })]).catch(
        () => undefined,
      );
    } else {
      await new Promise(setImmediate);
    }
  }
}

const GARBAGE = [
  'garbage\n',
  '\0'.repeat(9),
  '\0\0\0\x05\x02{}xx',
  '\0\0\0\x03\x01{}',
  '\xff'.repeat(4096),
  'GET / HTTP/1.0\r\n\r\n',
];

/** A wrong tool, a port scan: connects with unintelligible bytes and leaves. */
async function talksNonsense(door: Door, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    for (const text of [...GARBAGE, randomBytes(20_000).toString('latin1')]) {
      const socket = await open(door);
      socket?.end(Buffer.from(text, 'latin1'));
      socket?.resume();
      await Promise.race([socket && once(socket, 'close', { signal: over }), once(over, 'abort')]).catch(
        () => undefined,
      );
      socket?.destroy();
    }
  }
}

/** A crowd that connects all at once, sends `text` and stays. */
async function crowdsIn(door: Door, size: number, text: string): Promise<void> {
  const crowd = await Promise.all(Array.from({ length: size }, () => open(door)));
  for (const socket of crowd) {
    socket?.write(text);
  }
}

const repeated = (text: string, bytes = 1 << 16): Buffer => Buffer.alloc(bytes, text, 'latin1');

/** Types numbers at the console and waits for each to come back. */
async function typesAndReads(host: HostUnderTest): Promise<void> {
  let seen = '';
  let wake = (): void => undefined;
  const { promise: keyboard, resolve: hasKeyboard } = Promise.withResolvers<void>();
  const session = await host.attach(
    'quiet',
    { lines: 0 },
    {
      output: (bytes) => {
        seen += Buffer.from(bytes).toString('latin1');
        wake();
      },
      writer: (holder, own) => holder?.id === own && hasKeyboard(),
      missed: (bytes) => assert.fail(`${bytes} bytes were not shown`),
      ended: (reason) => assert.fail(`the session ended: ${reason}`),
    },
    { write: true },
  );
  await keyboard;
  let expected = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    expected += `${round}\n`;
    session.input(Buffer.from(`${round}\n`));
    while (seen.length < expected.length) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    assert.equal(seen, expected);
  }
  await host.said('quiet', `${ROUNDS - 1}\n`);
  assert.ok(host.log('quiet').endsWith(expected), 'the log has every key');
}

const mib = (pid: number): number => Number.parseInt(status(pid, 'VmRSS'), 10) / 1024;

test('strangers at every listener at once cost a console nothing', async (t) => {
  const passwords = join(temporaryDirectory(t), 'passwd');
  writeFileSync(passwords, 'test:\nmallory:\n');
  const [telnet, conserver] = [await freePort(), await freePort()];
  const host = await HostUnderTest.start(
    t,
    `[conserver]
     listen = ["127.0.0.1"]
     port = ${conserver}
     group_port = 0
     password_file = "${passwords}"
     [console.quiet]
     run = "stty raw -echo; exec cat"
     [console.noise]
     run = "stty raw -echo; exec cat"
     endpoints = ["${telnet}", "unix:noise.sock"]`,
  );
  await host.state('quiet', 'running');
  await host.state('noise', 'running');
  const [server, holder, { quiet = 0 }] = [host.server.pid, await host.holder(), await host.pids()];
  const { group } = await place(conserver, 'noise');
  const before = { server: mib(server), holder: mib(holder), descriptors: descriptors(server) };
  const over = new AbortController();
  atEnd(t, () => over.abort());
  const talker = await WireClient.join(group, 'mallory', 'noise');
  atEnd(t, () => talker.close());
  const doors: readonly Door[] = [telnet, join(host.runtimeDir, 'noise.sock'), host.control, conserver, group];
  const half = ['', 'GET /v1/consoles HTTP/1.1\r\nX: ', 'POST /v1/apply HTTP/1.1\r\nContent-Length: 60000\r\n\r\n{'];
  const strangers = Promise.all([
    open(telnet).then((socket) => asksAndReadsNothing(socket, repeated('\xff\xfd\x63'), over.signal)),
    open(telnet).then((socket) => asksAndReadsNothing(socket, repeated('\x14'), over.signal)),
    open(telnet).then((socket) => asksAndReadsNothing(socket, repeated('\x18'), over.signal)),
    open(host.control).then((socket) =>
      asksAndReadsNothing(socket, repeated('GET /v1/consoles HTTP/1.1\r\nHost: x\r\n\r\n'), over.signal),
    ),
    asksAndReadsNothing(talker.socket, repeated('\x05ci\x05c?\x05cw'), over.signal),
    open(conserver).then((socket) => asksAndReadsNothing(socket, repeated('help\r\n'), over.signal)),
    ...[join(host.runtimeDir, 'holder'), ...doors].map((door) => talksNonsense(door, over.signal)),
    ...doors.map((door) => crowdsIn(door, 200, '')),
    ...half.map((text) => crowdsIn(host.control, 100, text)),
  ]);
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGPIPE', 'SIGQUIT', 'SIGXCPU'] as const) {
    process.kill(holder, signal);
  }
  await typesAndReads(host);
  over.abort();
  await strangers;
  assert.deepEqual([server, holder, quiet].map(isAlive), [true, true, true]);
  assert.equal(await host.holder(), holder);
  assert.equal((await host.pids()).quiet, quiet);
  for (const [name, pid] of Object.entries({ server, holder })) {
    const grown = mib(pid) - before[name as 'server' | 'holder'];
    assert.ok(grown < MAX_GROWTH_MIB, `the ${name} has grown by ${grown.toFixed()} MiB`);
  }
});
