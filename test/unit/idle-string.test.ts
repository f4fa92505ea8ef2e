/** The string typed into an idle console, on a host in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeSink } from '../fakes/fake-sink.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { person } from '../fakes/principals.ts';

const CONFIG = consoleConfig('a', { idle: { after: 5000, send: '\r\n' } });

async function site() {
  const world = await MemoryHost.started([CONFIG], () => []);
  return { world, typed: () => world.child('a')?.input, pass: (seconds: number) => pass(world, seconds) };
}

async function pass(world: MemoryHost, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed++) {
    await world.pass(1000);
  }
}

test('it is typed when the time is over, and again, and everybody is told', async () => {
  const { pass, typed, world } = await site();
  const sink = new FakeSink();
  world.host.enter('a', person('ann'), { mode: 'read' }, sink);
  await pass(4);
  assert.equal(typed(), '');
  await pass(1);
  assert.deepEqual([typed(), sink.told], ['\r\n', ['entered', 'said idle timeout']]);
  await pass(5);
  assert.equal(typed(), '\r\n\r\n');
});

test('output and input count from their last', async () => {
  const { pass, typed, world } = await site();
  const session = world.host.enter('a', person('ann'), { mode: 'write' }, new FakeSink());
  await pass(4);
  world.child('a')?.say('still here');
  await world.settle();
  await pass(4);
  session.write(Buffer.from('x'));
  await world.settle();
  await pass(4);
  assert.equal(typed(), 'x');
  await pass(1);
  assert.equal(typed(), 'x\r\n');
});

test('nothing is typed while it is down, and the next server goes on', async () => {
  const { pass, typed, world } = await site();
  world.host.stop('a', person('vera'));
  await pass(20);
  assert.equal(world.holder.kernel.children[0]?.input, '');
  world.host.start('a', person('vera'));
  await pass(1);
  world.killServer();
  world.up();
  await world.settle();
  await pass(5);
  assert.equal(typed(), '\r\n');
});

test('a reload changes the time, and ends it', async () => {
  const { pass, typed, world } = await site();
  const change = async (config: typeof CONFIG) => {
    world.config = { ...world.config, consoles: [config] };
    await Promise.all([world.host.apply(person('vera')), world.settle()]);
  };
  await change({ ...CONFIG, idle: { after: 2000, send: 'x' } });
  await pass(2);
  assert.equal(typed(), 'x');
  await change(consoleConfig('a'));
  await pass(20);
  assert.equal(typed(), 'x');
  assert.equal(world.host.consoles[0]?.backend.stream.readers, 0);
});
