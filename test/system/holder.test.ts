import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { FRAME, FrameReader, frame, PROTOCOL } from '../../src/codec/holder-frames.ts';
import type { Hello } from '../../src/model/holder-protocol.ts';
import type { EndRecord } from '../../src/model/process.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { type HolderClient, HolderRefused } from '../../src/remote/holder-client.ts';
import { RemoteRunner } from '../../src/remote/remote-runner.ts';
import { atEnd } from '../harness/at-end.ts';
import { type HolderUnderTest, holderClient, startHolder } from '../harness/holder.ts';
import { descriptors, isAlive } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const LOG = { keep: 1, compress: false };

/** A server's side of one console, which can lose its connection and come back. */
class Server {
  readonly holder: HolderUnderTest;
  readonly host: RemoteRunner;
  readonly ends: EndRecord[] = [];
  readonly started: number[] = [];
  client: HolderClient | undefined;

  constructor(holder: HolderUnderTest) {
    this.holder = holder;
    this.host = new RemoteRunner('vac', systemClock, () => undefined);
    this.host.handlers = { ...this.host.handlers, ended: (end) => this.ends.push(end) };
    this.host.handlers = { ...this.host.handlers, started: (pid) => this.started.push(pid) };
    this.host.handlers = { ...this.host.handlers, advanced: () => this.host.stream.advance() };
    this.host.listen();
  }

  async come(): Promise<void> {
    const client = await holderClient(this.holder.socket);
    this.client = client;
    const { child } = this.host;
    const log = { ...LOG, path: join(this.holder.folder, 'log') };
    // At once: an end may be reported right after the answer.
    const { end } = await client.request({ verb: 'open', name: 'vac', start: 0, log }, (kept) =>
      this.host.attach(client, kept),
    );
    if (child && end?.pid === child.pid) {
      // It ended while no server was there.
      this.host.ended(end);
    }
  }

  go(): void {
    this.client?.close();
    this.host.lost();
  }

  run(script: string): void {
    this.host.start({ file: '/bin/sh', argv: ['sh', '-c', script] });
  }

  /** Empty until it is opened. */
  get log(): string {
    const path = join(this.holder.folder, 'log');
    return existsSync(path) ? readFileSync(path, 'latin1') : '';
  }
}

async function served(t: TestContext): Promise<Server> {
  const server = new Server(await startHolder(t));
  await server.come();
  atEnd(t, () => server.go());
  return server;
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, i) => `line ${i + 1}\r\n`).join('');
}

test('a log is complete, in order and without duplicates, whatever happens to the servers', async (t) => {
  const server = await served(t);
  const lines = 120_000;
  server.run(`i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i"; done`);
  const [pid] = await until('a child', () => server.started.length > 0 && server.started);
  for (let i = 0; i < 20; i++) {
    const giveBack = await server.host.read();
    server.go();
    giveBack();
    await server.come();
  }
  await until('its end', () => server.ends.length > 0);
  await until('the last line', () => server.log.endsWith(`line ${lines}\r\n`));
  assert.equal(server.log, numbered(lines));
  assert.deepEqual(
    server.ends.map((end) => [end.pid, end.status.code]),
    [[pid, 0]],
    'the child was not disturbed',
  );
});

test('a reader goes on where it was when its server comes back', async (t) => {
  const server = await served(t);
  server.run('i=0; while read x; do i=$((i+1)); echo "answer $i"; done');
  await until('a child', () => server.started.length > 0);
  let text = '';
  await server.host.read();
  server.host.stream.subscribe({
    write: (bytes) => {
      text += Buffer.from(bytes).toString();
      return true;
    },
    missed: (bytes) => assert.fail(`${bytes} bytes missed`),
  });
  for (let i = 1; i <= 20; i++) {
    server.host.write(Buffer.from('x\n'));
    await until(`answer ${i}`, () => server.log.includes(`answer ${i}\r\n`));
    server.go();
    await server.come();
  }
  await until('all answers', () => text.endsWith('answer 20\r\n'));
  assert.equal(text, Array.from({ length: 20 }, (_, i) => `x\r\nanswer ${i + 1}\r\n`).join(''));
});

test('a reader that was away longer than the others gets all that the holder still has', async (t) => {
  const server = await served(t);
  const { host } = server;
  const { stream } = host;
  const pieces = [numbered(9000), '@@@ a note\r\n', numbered(500), '@@@ another\r\n', numbered(7000)];
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 30_000) {
      const bytes = Buffer.from(piece.slice(at, at + 30_000));
      if (piece.startsWith('@')) {
        host.note(bytes);
      } else {
        host.feed(bytes, () => undefined);
      }
    }
  }
  const whole = pieces.join('');
  const reader = (from: number) => {
    const read = { from, text: '' };
    stream.subscribe(
      {
        write: (bytes) => {
          read.text += Buffer.from(bytes).toString();
          return true;
        },
        missed: (bytes) => assert.fail(`${bytes} bytes missed that the holder has`),
      },
      from,
    );
    return read;
  };
  // The holder keeps whole segments: where they begin depends on how the bytes came.
  const [kept] = (await server.client?.request({ verb: 'list' })) ?? [];
  const wholly = { verb: 'subscribe', console: kept?.id ?? 0, back: 0, from: 0 } as const;
  const wanted = (await server.client?.request(wholly))?.start ?? 0;
  await host.read();
  const { head, tail } = stream.ring;
  assert.equal(head, whole.length);
  const early = reader(head);
  assert.ok(wanted <= tail);
  await Promise.all([host.read(wanted), host.read(wanted + 1000)]);
  const late = [wanted, wanted + 1000].map(reader);
  host.feed(Buffer.from('and on'), () => undefined);
  await until('what is new', () => early.text === 'and on');
  for (const { from, text: read } of late) {
    assert.ok(read === `${whole.slice(from)}and on`, `from ${from} on something else was read: ${read.slice(0, 100)}`);
  }
  const spoken = stream.history(100_000).map((part) => Buffer.from(part).toString());
  assert.ok(spoken.every((part) => !part.includes('@@@')));
});

test('an end that no server saw is reported to the next one, with the last words', async (t) => {
  const server = await served(t);
  server.run('read x; echo "cannot open device"; exit 7');
  await until('a child', () => server.started.length > 0);
  const pid = server.started[0] as number;
  server.host.write(Buffer.from('x\n'));
  server.go();
  await until('the end', () => !isAlive(pid));
  await until('the log', () => server.log.includes('cannot open device'));
  const next = new Server(server.holder);
  await next.come();
  const [kept] = (await next.client?.request({ verb: 'list' })) ?? [];
  assert.equal(kept?.pid, undefined);
  assert.deepEqual(kept?.end?.status, { code: 7, signal: null, coreDumped: false });
  assert.deepEqual(kept?.end?.lastLines, ['x', 'cannot open device']);
  next.go();
});

test('a second server is refused with the pid of the first', async (t) => {
  const server = await served(t);
  await assert.rejects(
    holderClient(server.holder.socket),
    (error: Error) => error instanceof HolderRefused && error.message.includes(`process ${process.pid} is the server`),
  );
});

test('incompatible versions are refused, with both versions in the message', async (t) => {
  const holder = await startHolder(t);
  const socket = connect(holder.socket);
  const hello: Hello = {
    program: 'holdfast-server',
    protocol: PROTOCOL + 8,
    oldest: PROTOCOL + 7,
    version: '9.9.9',
    pid: 1,
    startedAt: 0,
  };
  socket.write(frame(FRAME.hello, Buffer.from(JSON.stringify(hello))));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  const [first] = [...new FrameReader().push(bytes)];
  const answer = JSON.parse(Buffer.from(first?.payload ?? []).toString()) as Hello;
  const versions = `protocol 1 to ${PROTOCOL}, server 9\\.9\\.9 ${PROTOCOL + 7} to ${PROTOCOL + 8}`;
  assert.match(answer.refused ?? '', new RegExp(`holder \\S+ speaks ${versions}: restart the older`));
  await once(socket, 'close');
});

test('no stranger stops it, and it keeps nothing for them', async (t) => {
  const server = await served(t);
  server.run('echo here; read x; echo "still here"');
  await until('a child', () => server.log.includes('here'));
  const before = descriptors(server.holder.pid);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const socket = connect(server.holder.socket);
      socket.on('error', () => undefined);
      socket.end(bytes);
      socket.resume();
      await once(socket, 'close');
    }),
    { numRuns: 120 },
  );
  server.host.write(Buffer.from('x\n'));
  await until('an answer', () => server.log.includes('still here'));
  await until('no more descriptors than before', () => descriptors(server.holder.pid) <= before);
});

test('when the holder dies, its children do not stay behind', async (t) => {
  const server = await served(t);
  server.run('sleep 1000 & echo "$!"; wait');
  const helper = await until('the helper of the child', () => Number(/^(\d+)\r\n/.exec(server.log)?.[1]) || undefined);
  const child = server.started[0] as number;
  assert.ok(isAlive(child) && isAlive(helper));
  server.holder.process.kill('SIGKILL');
  await until('the child to go', () => !isAlive(child));
  await until('its helper to go', () => !isAlive(helper));
});
