import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FrameReader, streamData } from '../../src/codec/holder-frames.ts';
import { HolderConsole } from '../../src/holder/holder-console.ts';
import { StreamSender } from '../../src/holder/stream-sender.ts';
import type { HolderEvent } from '../../src/model/holder-protocol.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

/** Several times what a child may be ahead. */
const LINES = 1_000_000;
const ENOUGH = 2 << 20;

/** A console, and a server that does not read yet. */
async function connected(t: TestContext) {
  const clock = new FakeClock();
  const desk = new LogWriter(clock);
  const events: HolderEvent[] = [];
  const kept = new HolderConsole({ id: 1, name: 'flood', start: 0 }, desk, clock, (event) => events.push(event));
  const listening = createServer({ pauseOnConnect: true });
  const accepted = new Promise<Socket>((resolve) => listening.once('connection', resolve));
  const path = `\0holdfast-test-${process.pid}-${t.name}`;
  await new Promise<void>((resolve) => listening.listen(path, resolve));
  const ours = connect(path);
  const server = await accepted;
  const sender = new StreamSender(ours, clock);
  // As the holder does.
  ours.on('error', () => undefined).on('close', () => sender.close());
  atEnd(t, async () => {
    sender.close();
    ours.destroy();
    server.destroy();
    listening.close();
    await kept.close();
    desk.close();
  });
  return { clock, kept, server, sender, ended: () => events.some(({ event }) => event === 'ended') };
}

/** A flooding child, to which the server has subscribed. */
async function flood(t: TestContext) {
  const made = await connected(t);
  made.sender.subscribe(made.kept, 0);
  made.kept.start({ file: 'seq', argv: ['seq', '1', String(LINES)] });
  return made;
}

/** Resolves when the child waits: many turns of the loop bring nothing more. */
async function waits(kept: HolderConsole): Promise<void> {
  let last = -1;
  for (let quiet = 0; quiet < 20_000; quiet = kept.ring.head === last ? quiet + 1 : 0) {
    last = kept.ring.head;
    await turn();
  }
}

test('a flood waits for a lagging server: nothing is left out', async (t) => {
  const { kept, server, ended } = await flood(t);
  await waits(kept);
  assert.ok(kept.ring.head < ENOUGH && !ended(), `${kept.ring.head} bytes ahead`);
  const reader = new FrameReader();
  let next = 0;
  server.on('data', (bytes) => {
    for (const { payload } of reader.push(bytes)) {
      const { offset, data } = streamData(payload);
      assert.equal(offset, next);
      next += data.length;
    }
  });
  server.resume();
  await until('the last line', () => ended() && next >= kept.ring.head);
  assert.deepEqual(kept.backend.lastLines(1), [String(LINES)]);
});

test('a server that takes nothing is no longer waited for', async (t) => {
  const { clock, kept, ended } = await flood(t);
  await waits(kept);
  assert.ok(!ended());
  await until('the end of the child', () => {
    // Each time: only then is it sure that the child has waited.
    clock.advance(2000);
    return ended();
  });
  assert.deepEqual(kept.backend.lastLines(1), [String(LINES)]);
});

test('a server that goes away releases the child', async (t) => {
  const { kept, server, ended } = await flood(t);
  await waits(kept);
  assert.ok(!ended());
  server.destroy();
  await until('the end of the child', ended);
});

test('of simultaneous requests the last one counts', async (t) => {
  const { kept, sender, server } = await connected(t);
  const reader = new FrameReader();
  let got = '';
  server.on('data', (bytes) => {
    for (const { payload } of reader.push(bytes)) {
      got += Buffer.from(streamData(payload).data).toString();
    }
  });
  server.resume();
  // A holder that was stopped for a while finds both.
  sender.subscribe(kept, 0);
  sender.unsubscribe(kept);
  await turn();
  kept.backend.feed(Buffer.from('to nobody\n'));
  sender.subscribe(kept, 0);
  sender.subscribe(kept, 0);
  await turn();
  kept.backend.feed(Buffer.from('once\n'));
  kept.backend.feed(Buffer.from('end\n'));
  await until('the end', () => got.includes('end'));
  assert.equal(got, 'once\nend\n');
});
