import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { consoleConfig, hostConfig, MemoryHost, OPERATOR } from '../fakes/memory-host.ts';

test('a console starts its child, and starts another one when it ends', async () => {
  const world = await MemoryHost.started([consoleConfig('a')]);
  const first = world.child('a');
  assert.ok(first);
  assert.equal((await world.host.summary('a')).state, 'running');
  first.exit(3);
  await world.settle();
  assert.equal((await world.host.summary('a')).state, 'waiting');
  await world.pass(1000);
  assert.equal(world.children('a').length, 1);
  assert.notEqual(world.child('a')?.pid, first.pid);
  assert.deepEqual(
    world.history.deaths('a').map(({ code }) => code),
    [3],
  );
});

test('the next server goes on with the children of the one before', async () => {
  const world = await MemoryHost.started([consoleConfig('a')]);
  const first = world.child('a');
  world.killServer();
  world.up();
  await world.settle();
  assert.equal((await world.host.summary('a')).pid, first?.pid);
});

test('an end is reported when the holder dies, and the child is started again', async () => {
  const world = await MemoryHost.started([consoleConfig('a')]);
  world.holder.die();
  await world.settle();
  await world.pass(1000);
  assert.equal(world.history.deaths('a').length, 1);
  assert.equal(world.children('a').length, 1);
  world.host.stop('a', OPERATOR);
  await world.settle();
  assert.equal((await world.host.summary('a')).state, 'stopped');
});

test('releasing a console without a hold changes nothing', async () => {
  const world = await MemoryHost.started([consoleConfig('a'), consoleConfig('b', { start: false })]);
  world.host.stop('a', OPERATOR);
  await world.settle();
  await world.host.release('a', OPERATOR);
  await world.settle();
  assert.equal((await world.host.summary('a')).state, 'stopped');
  world.host.start('b', OPERATOR);
  await world.settle();
  world.child('b')?.ignores.add(15);
  world.host.restart('b', OPERATOR);
  await world.host.release('b', OPERATOR);
  await world.pass(5000);
  await world.pass(0);
  assert.equal((await world.host.summary('b')).state, 'running');
});

test('a request before a console is taken over from the holder is refused, not accepted and undone', async () => {
  const world = new MemoryHost([consoleConfig('a')]);
  world.up();
  while (world.host.consoles.length === 0) {
    await Promise.resolve();
  }
  await assert.rejects(world.host.stop('a', OPERATOR), { code: 'HF_NO_HOLDER' });
  await world.settle();
  world.host.stop('a', OPERATOR);
  await world.settle();
  assert.equal((await world.host.summary('a')).state, 'stopped');
});

test('the memo of an earlier server outlives a holder that dies before anything changes', async () => {
  const world = await MemoryHost.started([consoleConfig('a')]);
  world.host.stop('a', OPERATOR);
  await world.settle();
  world.killServer();
  world.up();
  await world.settle();
  world.holder.die();
  await world.settle();
  world.killServer();
  world.up();
  await world.settle();
  assert.equal((await world.host.summary('a')).state, 'stopped');
});

test('applying a configuration while the consoles are being taken over waits for that: removed consoles are gone', async () => {
  const world = await MemoryHost.started([consoleConfig('a')]);
  world.killServer();
  world.config = hostConfig([]);
  world.up([consoleConfig('a')]);
  const applied = world.host.apply(OPERATOR);
  await world.settle();
  await world.pass(0);
  await applied;
  assert.deepEqual(world.host.consoles, []);
  assert.deepEqual(await world.link.orphans(), []);
  assert.deepEqual(world.children('a'), []);
});

test('an end is reported once, even if the holder loses the last message of a server', async () => {
  const world = await MemoryHost.started([consoleConfig('a'), consoleConfig('b', { start: false })]);
  // The start of b is what the holder has to tell a server that is dead by then.
  world.host.start('b', OPERATOR);
  world.child('a')?.exit(3);
  await turn();
  assert.equal(world.history.deaths('a').length, 1);
  world.killServer();
  world.up();
  await world.settle();
  assert.equal(world.history.deaths('a').length, 1);
  assert.equal((await world.host.summary('a')).state, 'waiting');
});

test('at whatever moment of a new connection the holder dies, nothing looks after a connection that is gone', async () => {
  for (const turns of [0, 1, 2, 3]) {
    for (const hops of [0, 1, 2, 3]) {
      const world = await MemoryHost.started([consoleConfig('a')]);
      world.killServer();
      world.up();
      for (let n = 0; n < hops; n++) {
        await Promise.resolve();
      }
      for (let n = 0; n < turns; n++) {
        await turn();
      }
      world.holder.die();
      await world.settle();
      await world.pass(5000);
      assert.equal(world.children('a').length, 1);
      world.host.stop('a', OPERATOR);
      await world.settle();
      world.link.close();
      await world.settle();
      assert.equal(world.timers, 0, `${turns} turns, ${hops} hops`);
    }
  }
});

test('a child that an earlier server has started waits for no turn, and is not started twice', async () => {
  const ready = { pattern: 'ready', within: 60_000 };
  const world = new MemoryHost([consoleConfig('a', { ready }), consoleConfig('e', { start: false, ready })]);
  world.holder.kernel.slow = true;
  world.up();
  await world.settle();
  world.host.start('e', OPERATOR);
  await world.settle();
  world.killServer();
  world.up();
  await world.settle();
  assert.equal((await world.host.summary('e')).waitsFor?.kind, 'turn');
  world.holder.kernel.finishStarts();
  await world.settle();
  assert.equal((await world.host.summary('e')).waitsFor, undefined);
  world.host.stop('e', OPERATOR);
  world.child('e')?.ignores.add(15);
  assert.equal((await world.host.summary('e')).state, 'stopping');
  await world.pass(5000);
  assert.equal((await world.host.summary('e')).state, 'stopped');
  assert.equal(world.history.deaths('e').length, 1);
  world.holder.die();
  await world.pass(1000);
  assert.deepEqual(
    world.holder.kernel.children.filter(({ request }) => request.file === 'e'),
    [],
  );
});

test('a start that is over waits for no lookup, and nobody is told so', async () => {
  const ready = { pattern: 'ready', within: 60_000 };
  const world = new MemoryHost([consoleConfig('a', { ready }), consoleConfig('b', { start: false })]);
  world.holder.kernel.slow = true;
  world.up();
  await world.settle();
  world.killServer();
  world.slowLookups = true;
  world.up();
  await world.settle();
  world.host.start('b', OPERATOR);
  assert.equal((await world.host.summary('b')).waitsFor?.what, 'the directory');
  world.host.stop('b', OPERATOR);
  world.holder.kernel.finishStarts();
  await world.settle();
  const { state, waitsFor } = await world.host.summary('a');
  assert.deepEqual({ state, waitsFor }, { state: 'starting', waitsFor: undefined });
  await world.pass(3000);
  assert.deepEqual(
    world.history.events.filter(({ type }) => type === 'config'),
    [],
  );
});

test('a holder that dies while it is asked for orphans has none, and no server fails for that', async () => {
  const world = await MemoryHost.started([consoleConfig('a')]);
  const asked = [world.link.orphans(), world.link.discard(1)];
  world.holder.die();
  assert.deepEqual(await Promise.all(asked), [[], undefined]);
  await world.pass(1000);
  assert.deepEqual(await world.link.orphans(), []);
});
