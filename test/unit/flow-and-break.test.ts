/** XON/XOFF of a child's terminal, on a host in memory; a break of a serial line, on a real terminal. */
import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { native } from '../../src/platform/native.ts';
import { SerialStream } from '../../src/platform/net/serial.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { person } from '../fakes/principals.ts';
import { atEnd } from '../harness/at-end.ts';

async function started() {
  const world = await MemoryHost.started([consoleConfig('a')], () => []);
  const toggle = async () => {
    const on = world.host.consoles[0]?.toggleFlow();
    await world.settle();
    return on;
  };
  return { world, toggle, modes: () => world.holder.kernel.modes.map(({ ixon }) => ixon) };
}

test('XON/XOFF is on at the start of each child, and is switched in its terminal', async () => {
  const { world, toggle, modes } = await started();
  assert.deepEqual(
    [await toggle(), await toggle(), await toggle(), modes()],
    [false, true, false, [false, true, false]],
  );
  world.child('a')?.exit(0);
  await world.settle();
  assert.equal(await toggle(), undefined, 'there is no child');
  await world.pass(1000);
  assert.equal(await toggle(), false);
});

test('an older holder does not switch it', async () => {
  const { world, toggle, modes } = await started();
  Object.assign(world.link.hello ?? {}, { protocol: 2 });
  assert.deepEqual([await toggle(), modes()], [undefined, []]);
});

test('a placeholder has none', async () => {
  const world = await MemoryHost.started([consoleConfig('a', { source: { kind: 'none' } })], () => []);
  assert.equal(world.host.consoles[0]?.toggleFlow(), undefined);
  world.host.stop('a', person('vera'));
  await world.settle();
});

test('a break takes its time, and goes after what was sent before', async (t) => {
  const { master, slave } = native.openTerminal(0, 0, -1);
  // A terminal that edits lines throws away what does not fit into one.
  native.consoleMode(slave);
  const line = new SerialStream(master);
  line.on('error', () => undefined).resume();
  atEnd(t, () => {
    line.destroy();
    closeSync(slave);
  });
  const clock = new FakeClock();
  let over = false;
  const sent = line.sendBreak(clock).then(() => {
    over = true;
  });
  await turn();
  clock.advance(299);
  await turn();
  assert.equal(over, false);
  clock.advance(1);
  await sent;
  // Nobody reads the other side.
  while (line.write(Buffer.alloc(4096, 'x'))) {
    // Until it is full.
  }
  line.write(Buffer.alloc(1 << 20));
  const late = assert.rejects(line.sendBreak(clock), /does not take what was sent before/);
  for (let waited = 0; waited <= 5000; waited += 20) {
    clock.advance(20);
    await turn();
  }
  await late;
});
