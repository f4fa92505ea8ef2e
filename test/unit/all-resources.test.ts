// Resource use of all consoles: one request to the holder, however many there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeptConsole } from '../../src/model/holder-protocol.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { consoleConfig, MemoryHost } from '../fakes/memory-host.ts';
import { olderHolder } from '../fakes/older-holder.ts';

const { HolderLink } = await import('../../src/remote/holder-link.ts');

const NOTHING = () => undefined;

test('the resources of all consoles are one request; those without a process are left out', async () => {
  const names = Array.from({ length: 50 }, (_, at) => `c${at}`);
  const memory = await MemoryHost.started(names.map((name) => consoleConfig(name)));
  memory.config = { ...memory.config, server: { ...memory.config.server, startAtOnce: 50 } };
  await memory.pass(1000);
  memory.host.stop('c7', { user: 'vera', channel: 'api', from: 'here', assurance: 'none' });
  memory.child('c7')?.exit(0);
  await memory.settle();
  const before = memory.holder.requests;
  const found = await memory.host.resources();
  assert.equal(memory.holder.requests, before + 1);
  const running = memory.host.consoles.filter(({ state }) => state === 'running').map(({ name }) => name);
  assert.ok(running.length > 20, `${running.length} run`);
  assert.deepEqual([...found.keys()], running);
  assert.deepEqual(found.get('c1'), { missing: 'there is no cgroup in memory' });
  memory.holder.die();
  await memory.settle();
  assert.deepEqual([...(await memory.host.resources()).keys()], [], 'all have ended with the holder');
});

test('where they cannot be known, each has the reason', async () => {
  const memory = await MemoryHost.started([consoleConfig('a'), consoleConfig('b', { start: false })]);
  memory.link.close();
  await memory.settle();
  assert.deepEqual([...(await memory.host.resources())], [['a', { missing: 'the holder is gone' }]]);
});

test('an older holder is asked for one console after the other', async () => {
  let id = 0;
  const { asked, access } = olderHolder((request) => {
    switch (request.verb) {
      case 'open': {
        id++;
        const kept: KeptConsole = { id, name: request.name, head: 0, memo: '', ...(id === 2 ? {} : { pid: id }) };
        return kept;
      }
      case 'resources':
        return { processes: request.console };
      default:
        return null;
    }
  });
  const link = new HolderLink({
    ...{ holder: access, logDelay: 0, clock: new FakeClock(), lost: NOTHING, found: NOTHING, trouble: NOTHING },
  });
  await link.open();
  for (const name of ['a', 'b', 'c']) {
    await link.openBackend(name, undefined, NOTHING).kept;
  }
  assert.deepEqual(
    [...(await link.resources())],
    [
      ['a', { processes: 1 }],
      ['c', { processes: 3 }],
    ],
  );
  const verbs = asked.map(({ verb }) => verb);
  assert.deepEqual(verbs.slice(verbs.indexOf('allResources')), ['allResources', 'resources', 'resources']);
  link.close();
});
