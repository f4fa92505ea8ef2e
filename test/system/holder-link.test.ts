import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { FRAME, frame } from '../../src/codec/holder-frames.ts';
import { Holder } from '../../src/holder/holder.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { atEnd } from '../harness/at-end.ts';
import { holderClient } from '../harness/holder.ts';
import { HolderLink, holderAt, holderUnderTest, opened, SLEEP } from '../harness/holder-link.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const SIGKILL = 9;

test('a start that is requested twice makes one child', async (t) => {
  const { link } = await holderUnderTest(t);
  const { backend, heard } = await opened(await link());
  backend.listen();
  backend.start(SLEEP);
  backend.start(SLEEP);
  await until('a child', () => heard.length > 0);
  backend.kill(SIGKILL);
  await until('its end', () => heard.length > 1);
  await backend.close();
  const [started, ended, ...more] = heard;
  assert.equal(ended, started?.replace('started', 'ended'));
  assert.deepEqual(more, []);
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  assert.equal(children, '', 'a child that nobody knows');
});

test('events of a child before its console listens are delivered when it does', async (t) => {
  const { link, told } = await holderUnderTest(t);
  const first = await link();
  const before = await opened(first);
  before.backend.listen();
  before.backend.start(SLEEP);
  await until('a child', () => before.heard.length > 0);
  first.close();
  const { backend, kept, heard } = await opened(await link());
  const pid = kept.pid as number;
  process.kill(pid, 'SIGKILL');
  await until('the end to be told', () => told().includes('"event":"ended"'));
  // An answer comes after earlier messages.
  await backend.lastLine();
  assert.deepEqual(heard, []);
  backend.listen();
  assert.deepEqual(heard, [`ended ${pid}`]);
});

test('a holder that dies while a server connects is not an error: the next one is waited for', async (t) => {
  const socket = join(temporaryDirectory(t), 'holder');
  const link = new HolderLink({
    holder: holderAt(socket),
    logDelay: 50,
    clock,
    lost: () => undefined,
    found: () => undefined,
    trouble: () => undefined,
  });
  atEnd(t, () => link.close());
  const opened = link.open();
  const holder = new Holder({
    version: 'test',
    writer: new LogWriter(clock),
    clock,
    cgroups: { missing: '' },
    finished: () => undefined,
  });
  let connections = 0;
  const server = createServer((connection) => {
    connections++;
    if (connections === 1) {
      connection.destroy();
    } else {
      holder.serve(connection);
    }
  }).listen(socket);
  atEnd(t, () => server.close());
  await once(server, 'listening');
  await opened;
  assert.equal(connections, 2);
  assert.equal(link.hello?.pid, process.pid);
});

test('frames that a holder sends right after its hello may come in pieces', async (t) => {
  const { socket } = await holderUnderTest(t);
  const cut = `${socket}-cut`;
  const event = frame(FRAME.event, Buffer.from('{"event":"room","console":1}'));
  // The kernel cuts at the end of its buffer: here after 7 bytes of the second frame.
  const between = createServer((connection) => {
    const holder = connect(socket);
    connection.pipe(holder);
    connection.on('close', () => holder.destroy());
    holder.once('data', (hello) => {
      connection.write(Buffer.concat([hello, event.subarray(0, 7)]));
      connection.once('data', () => connection.write(event.subarray(7)));
      holder.pipe(connection);
    });
  }).listen(cut);
  atEnd(t, () => between.close());
  await once(between, 'listening');
  const client = await holderClient(cut);
  atEnd(t, () => client.close());
  assert.deepEqual(await client.request({ verb: 'list' }), []);
});
