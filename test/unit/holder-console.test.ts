// One console in the holder, on a kernel in memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { HolderConsole } from '../../src/holder/holder-console.ts';
import type { HolderEvent } from '../../src/model/holder-protocol.ts';
import { SIGKILL, SIGNALS } from '../../src/model/signals.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeKernel } from '../fakes/fake-kernel.ts';

const { TERM } = SIGNALS;
const SPEC = { file: 'ioc', argv: ['ioc'], stop: { steps: [{ signal: TERM }, { wait: 1000 }], before: [] } };

function made() {
  const clock = new FakeClock();
  const kernel = new FakeKernel();
  const told: HolderEvent[] = [];
  const tell = (event: HolderEvent) => void told.push(event);
  const console = new HolderConsole({ id: 1, name: 'a', start: 0 }, new LogWriter(clock), clock, tell, { kernel });
  return { clock, console, kernel, told };
}

test('a child that is about to be there is stopped by its recipe, as one that is', async () => {
  const { clock, console, kernel } = made();
  kernel.slow = true;
  console.start(SPEC);
  assert.ok(console.hasChild, 'it would be left behind');
  let stopped = false;
  const stopping = console.stop().then(() => {
    stopped = true;
  });
  await turn();
  assert.ok(!stopped);
  kernel.finishStarts();
  kernel.newest.ignores.add(TERM);
  await turn();
  assert.deepEqual(kernel.newest.signals, [TERM]);
  clock.advance(1000);
  await stopping;
  assert.deepEqual(kernel.newest.signals, [TERM, SIGKILL]);
  assert.ok(!console.hasChild);
});

test('a start that was refused, or hangs, does not prevent a stop', async () => {
  const refused = made();
  refused.kernel.slow = true;
  refused.kernel.refuseNext = 'EAGAIN';
  refused.console.start(SPEC);
  const stopping = refused.console.stop();
  refused.kernel.finishStarts();
  await stopping;
  assert.deepEqual(
    refused.told.map(({ event }) => event),
    ['notStarted'],
  );
  const hung = made();
  hung.kernel.slow = true;
  hung.console.start(SPEC);
  const given = hung.console.stop();
  hung.clock.advance(5000);
  await given;
  hung.kernel.finishStarts();
  await turn();
  assert.deepEqual(hung.kernel.newest.signals, [SIGKILL], 'what starts all the same is not left behind');
});

test('for the last line and the last words of a flood without a line end only its end is copied', async () => {
  const { console, kernel, told } = made();
  const { stream } = console;
  const copied: number[] = [];
  const history = stream.history.bind(stream);
  stream.history = (...which) => {
    const pieces = history(...which);
    copied.push(pieces.reduce((sum, { length }) => sum + length, 0));
    return pieces;
  };
  console.start(SPEC);
  await turn();
  const child = kernel.newest;
  // A reader that lags: for it all of the flood is kept.
  stream.subscribe({ write: () => false, missed: () => assert.fail('what it waits for is gone') });
  for (let piece = 0; piece < 64; piece++) {
    child.say('x'.repeat(1 << 16));
  }
  child.say(' and the end');
  assert.ok(console.ring.head - console.ring.tail > 3 << 20, 'nearly all of it is there');
  assert.ok(console.backend.lineNow.endsWith('x and the end'));
  child.exit(3);
  await turn();
  assert.deepEqual(copied, [4 << 10, 64 << 10]);
  const ended = told.find((event) => event.event === 'ended');
  assert.equal(ended?.end.lastLines.length, 1);
});
