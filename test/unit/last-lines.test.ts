// The server knows the last line of every console without asking the holder, and that costs the holder little.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { FrameReader } from '../../src/codec/holder-frames.ts';
import { HolderConsole } from '../../src/holder/holder-console.ts';
import { LineTeller } from '../../src/holder/line-teller.ts';
import type { HolderEvent, ToldLine } from '../../src/model/holder-protocol.ts';
import { visibleLines } from '../../src/model/visible-lines.ts';
import { HolderClient } from '../../src/remote/holder-client.ts';
import { LocalBackend } from '../../src/terminal/local-backend.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeKernel } from '../fakes/fake-kernel.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { memoryLink } from '../fakes/memory-link.ts';
import { olderHolder } from '../fakes/older-holder.ts';

const NOTHING_TO_TELL = () => undefined;

/** Consoles of a holder, and what their teller tells: one array for each event. */
function telling(count: number) {
  const clock = new FakeClock();
  const writer = new LogWriter(clock);
  const [server, holder] = memoryLink();
  // As the reception reads what its server sends.
  holder.resume();
  const teller = new LineTeller(holder, clock);
  const kernel = new FakeKernel();
  const consoles = Array.from({ length: count }, (_, at) => {
    const means = { kernel, printed: (console: HolderConsole) => teller.changed(console) };
    return new HolderConsole({ id: at + 1, name: `c${at}`, start: 0 }, writer, clock, NOTHING_TO_TELL, means);
  });
  const told: (readonly ToldLine[])[] = [];
  const reader = new FrameReader();
  const read = () =>
    server.on('data', (bytes: Uint8Array) => {
      for (const { payload } of reader.push(bytes)) {
        const event = JSON.parse(Buffer.from(payload).toString()) as HolderEvent & { event: 'lines' };
        told.push(event.lines);
      }
    });
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    for (let n = 0; n < 20; n++) {
      await turn();
    }
    return told.splice(0);
  };
  const say = (at: number, text: string) => void consoles[at]?.backend.feed(Buffer.from(text));
  return { clock, consoles, holder, pass, read, say, server, teller };
}

test('a quiet console that prints is told of at once, one that goes on printing once a second', async () => {
  const { pass, read, say } = telling(2);
  read();
  say(0, 'one\r\ntwo\r\n');
  assert.deepEqual(await pass(99), []);
  assert.deepEqual(await pass(1), [[[1, 'two']]]);
  for (let n = 0; n < 8; n++) {
    say(0, `${n}\r\n`);
    assert.deepEqual(await pass(100), []);
  }
  say(1, '\x1b[31mred\x1b[0m\r\n\r\n');
  assert.deepEqual(await pass(100), [[[2, 'red']]], 'one that was quiet does not wait for the other');
  say(1, 'the last words');
  assert.deepEqual(await pass(100), [
    [
      [1, '7'],
      [2, 'the last words'],
    ],
  ]);
  assert.deepEqual(await pass(10_000), []);
});

test('nothing is left to do when nothing has changed, or nobody is there any more', async () => {
  const { clock, pass, read, say, server } = telling(1);
  read();
  say(0, 'x\r\n');
  await pass(100);
  assert.equal(clock.pending, 1);
  await pass(1000);
  assert.equal(clock.pending, 0, 'a timer runs for nothing');
  say(0, 'y\r\n');
  server.destroy();
  await pass(0);
  say(0, 'z\r\n');
  assert.equal(clock.pending, 0, 'a timer runs for nobody');
});

test('many consoles are told of in parts, each once', async () => {
  const { pass, read, say, consoles, teller } = telling(250);
  read();
  for (const [at] of consoles.entries()) {
    say(at, `line of ${at + 1}\r\n`);
  }
  teller.forget(consoles[7] as HolderConsole);
  const told = await pass(100);
  assert.deepEqual(
    told.map(({ length }) => length),
    [100, 100, 49],
  );
  assert.deepEqual(
    told.flat(),
    consoles.filter(({ id }) => id !== 8).map(({ id }) => [id, `line of ${id}`]),
  );
});

test('for a server that does not read lines only get newer', async () => {
  const { holder, pass, read, say, consoles } = telling(100);
  const wide = 'w'.repeat(300);
  for (let round = 0; round < 100; round++) {
    for (const [at] of consoles.entries()) {
      say(at, `${round} ${wide}\r\n`);
    }
    await pass(1000);
  }
  assert.ok(holder.writableLength < 300 << 10, `${holder.writableLength} bytes wait`);
  read();
  const told = [...(await pass(0)), ...(await pass(1000))].flat();
  assert.ok(told.every(([, line]) => line.length <= 200));
  const last = new Map(told);
  assert.ok([...last.values()].every((line) => line.startsWith('99 ')));
  assert.equal(last.size, 100);
});

test('a list asks the holder for nothing, also of a server that has just come', async () => {
  const memory = new MemoryHost([consoleConfig('a'), consoleConfig('b')]);
  memory.up();
  await memory.settle();
  const lines = async () => (await memory.host.list()).map(({ lastLine }) => lastLine);
  memory.child('a')?.say('hello\r\n');
  await memory.pass(100);
  const before = memory.holder.requests;
  assert.deepEqual(await lines(), ['hello', '']);
  assert.equal(memory.holder.requests, before, 'the holder was asked');
  memory.killServer();
  memory.child('b')?.say('nobody listens\r\n');
  memory.up();
  await memory.settle();
  assert.deepEqual(await lines(), ['hello', 'nobody listens']);
  memory.holder.die();
  await memory.settle();
  assert.deepEqual(await lines(), ['hello', 'nobody listens'], 'the next holder has nothing to tell yet');
});

test('an older holder is asked whenever somebody wants a list', async () => {
  let line = 'one';
  const { asked, access } = olderHolder(({ verb }) => (verb === 'lastLines' ? [[7, line]] : null));
  const client = await HolderClient.connect(access, {
    version: 'test',
    clock: new FakeClock(),
    lost: NOTHING_TO_TELL,
  });
  client.followLines();
  await client.refreshLines();
  assert.equal(client.lines.get(7), undefined, 'it has not said yet how old it is');
  await client.request({ verb: 'ping' });
  await client.refreshLines();
  assert.equal(client.lines.get(7), 'one');
  line = 'two';
  await client.refreshLines();
  assert.equal(client.lines.get(7), 'two');
  assert.deepEqual(
    asked.map(({ verb }) => verb),
    ['tellLines', 'ping', 'lastLines', 'lastLines'],
  );
});

test('the last line is the last one that is seen, whichever way it is found', () => {
  const words = [
    'epics> ',
    'an error',
    ' ',
    '\t',
    '\r',
    '\b\b',
    '\n',
    '\r\n',
    '\r\r\n',
    '\x1b[31m',
    '\x1b[K',
    'grün',
    '\x07',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (pieces) => {
      const backend = new LocalBackend({ clock: new FakeClock(), keepBytes: 4096 });
      const text = pieces.join('');
      // At each end: what was found before must not be given again.
      for (const piece of pieces) {
        backend.feed(Buffer.from(piece));
        assert.equal(typeof backend.lineNow, 'string');
      }
      const lines = text.split('\n');
      const last5 = lines.slice(-5 - (lines.at(-1) === '' ? 1 : 0)).join('\n');
      assert.equal(backend.lineNow, visibleLines(last5).findLast((line) => line.trim() !== '') ?? '');
    }),
  );
});
