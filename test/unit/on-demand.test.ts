/** Sources that are opened for sessions, on a host in memory: its holder, its frames, a fake kernel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsoleConfig } from '../../src/model/config.ts';
import type { EnterOptions } from '../../src/model/session.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { consoleConfig, MemoryHost, OPERATOR } from '../fakes/memory-host.ts';

const ON_DEMAND = consoleConfig('a', { open: 'on-demand' });

/** Without endpoints: nothing but the children writes. */
function started(config: ConsoleConfig): Promise<MemoryHost> {
  return MemoryHost.started([config], () => []);
}

/** In steps: a holder that answers nothing for seconds would count as silent. */
async function pass(world: MemoryHost, seconds: number): Promise<void> {
  await world.settle();
  for (let passed = 0; passed < seconds; passed++) {
    await world.pass(1000);
  }
}

function enter(world: MemoryHost, options: EnterOptions = { mode: 'write', from: { lines: 5 } }) {
  const sink = new FakeSink();
  const session = world.host.enter('a', OPERATOR, options, sink);
  return { sink, session };
}

async function state(world: MemoryHost): Promise<string> {
  return (await world.host.summary('a')).state;
}

test('a console on demand starts with its first session, and stops with its last', async () => {
  const world = await started(ON_DEMAND);
  assert.equal(await state(world), 'stopped');
  const [ann, bob] = [enter(world), enter(world)];
  await world.settle();
  assert.deepEqual([await state(world), world.children('a').length], ['running', 1]);
  ann.session.leave();
  await world.settle();
  assert.equal(await state(world), 'running');
  bob.session.leave();
  bob.session.leave();
  await world.settle();
  assert.equal(await state(world), 'stopped');
  const stop = world.history.events.find((event) => event.type === 'state' && event.to === 'stopping');
  assert.equal(stop?.by?.from, 'nobody is on the console');
});

test('the session that opens it enters when it is open, and sees its first output', async () => {
  const world = await started(ON_DEMAND);
  world.holder.kernel.slow = true;
  const { sink, session } = enter(world, { mode: 'read' });
  await world.settle();
  assert.deepEqual(sink.told, []);
  world.holder.kernel.finishStarts();
  world.child('a')?.say('login: ');
  await world.settle();
  assert.deepEqual([sink.told, session.opened], [['entered'], true]);
  session.subscribe(session.offset);
  assert.equal(sink.text, 'login: ');
  const next = enter(world, { mode: 'read' });
  await world.settle();
  assert.equal(next.session.opened, false);
});

test('it is started again for those who are there, but not for nobody', async () => {
  const world = await started(ON_DEMAND);
  const { session } = enter(world);
  await world.settle();
  world.child('a')?.exit(0);
  await pass(world, 1);
  assert.deepEqual([await state(world), world.holder.kernel.children.length], ['running', 2]);
  const child = world.child('a');
  child?.ignores.add(15);
  session.leave();
  await world.settle();
  child?.exit(0);
  await pass(world, 1);
  assert.deepEqual([await state(world), world.holder.kernel.children.length], ['stopped', 2]);
});

test('an attempt that fails is repeated by the next session only', async () => {
  const world = await started(ON_DEMAND);
  world.holder.kernel.refuseNext = 'EAGAIN';
  const { sink, session } = enter(world);
  await pass(world, 1);
  assert.deepEqual([sink.told[0], session.opened, await state(world)], ['entered', true, 'stopped']);
  enter(world);
  await world.settle();
  assert.equal(await state(world), 'running');
});

test('a session that gives up while it waits leaves nothing behind', async () => {
  const world = await started(ON_DEMAND);
  world.holder.kernel.slow = true;
  const { sink, session } = enter(world);
  await world.settle();
  session.leave();
  world.holder.kernel.finishStarts();
  await world.settle();
  assert.deepEqual([sink.told, await state(world)], [[], 'stopped']);
});

test('a source that does not open keeps nobody waiting for ever', async () => {
  const world = await started(ON_DEMAND);
  world.holder.kernel.slow = true;
  const { sink } = enter(world);
  await pass(world, 9);
  assert.deepEqual(sink.told, []);
  await pass(world, 1);
  assert.equal(sink.told[0], 'entered');
});

test('sessions have time to come back to the next server', async () => {
  const world = await started(ON_DEMAND);
  enter(world);
  await world.settle();
  const { pid } = await world.host.summary('a');
  world.killServer();
  world.up();
  await pass(world, 9);
  const { session } = enter(world);
  await pass(world, 1);
  assert.equal((await world.host.summary('a')).pid, pid);
  session.leave();
  await world.settle();
  assert.equal(await state(world), 'stopped');
});

test('without sessions the next server closes it', async () => {
  const world = await started(ON_DEMAND);
  enter(world);
  await world.settle();
  world.killServer();
  world.up();
  await pass(world, 10);
  assert.equal(await state(world), 'stopped');
});

test('opened on entry, a console that is down comes up, and stays', async () => {
  const world = await started(consoleConfig('a', { open: 'on-entry' }));
  assert.equal(await state(world), 'running');
  world.host.stop('a', OPERATOR);
  await world.settle();
  const { session } = enter(world);
  await world.settle();
  assert.deepEqual([session.opened, await state(world)], [true, 'running']);
  session.leave();
  await world.settle();
  assert.equal(await state(world), 'running');
});

test('a hold is stronger than a session', async () => {
  const world = await started(ON_DEMAND);
  await world.host.hold('a', 'service', undefined, OPERATOR);
  const { sink } = enter(world);
  await pass(world, 10);
  assert.deepEqual([sink.told[0], await state(world)], ['entered', 'held']);
});

test('a reload takes the change over at once', async () => {
  const world = await started(ON_DEMAND);
  const change = async (open: 'on-demand' | 'always') => {
    world.config = { ...world.config, consoles: [consoleConfig('a', { open })] };
    await Promise.all([world.host.apply(OPERATOR), world.settle()]);
  };
  await change('always');
  assert.equal(await state(world), 'running');
  await change('on-demand');
  assert.equal(await state(world), 'stopped');
});
