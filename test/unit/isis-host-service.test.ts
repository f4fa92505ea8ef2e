import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IsisHostService } from '../../src/isis/host-service.ts';
import type { IsisInstanceConfig } from '../../src/model/config.ts';
import { defaultIsisConfig, type IsisConfig } from '../../src/model/isis-config.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { atEnd } from '../harness/at-end.ts';

const FILE = '/etc/holdfast.toml';

/** An ISIS server of a table, on a port that the kernel chooses. */
function instance(name: string, changes: Partial<IsisConfig> = {}): IsisInstanceConfig {
  const settings = { ...defaultIsisConfig(), listen: '127.0.0.1', serverPort: 0, log: false, handshaking: false };
  return { name, place: { file: FILE, line: 1 }, source: FILE, settings: { ...settings, ...changes } };
}

test('ISIS servers follow the configuration: those that differ are replaced, the others are left alone', async (t) => {
  const service = new IsisHostService({
    version: '1',
    timers: systemClock,
    event: () => undefined,
    load: async () => undefined,
  });
  atEnd(t, () => service.close());
  const first = { isis: [instance('obs'), instance('lab')] };
  const added = ['obs', 'lab'].map((name) => ({ action: 'add', console: `isis.${name}` }));
  assert.deepEqual(service.plan(first), added);
  assert.deepEqual(await service.apply(first), added);
  assert.deepEqual(service.plan(first), []);
  const ports = async () => new Map((await service.list()).map(({ name, port, state }) => [name, { port, state }]));
  const before = await ports();
  assert.deepEqual([...before.keys()].sort(), ['lab', 'obs']);

  const second = { isis: [instance('obs'), instance('dome'), instance('lab', { maxHosts: 64 })] };
  const steps = [
    { action: 'add', console: 'isis.dome' },
    { action: 'change', console: 'isis.lab', keys: ['max_hosts'], effect: 'live' },
  ];
  assert.deepEqual(service.plan(second), steps);
  assert.deepEqual(await service.apply(second), steps);
  assert.deepEqual((await ports()).get('obs'), before.get('obs'));
  assert.equal((await service.list()).find(({ name }) => name === 'lab')?.maxHosts, 64);

  const gone = ['obs', 'dome', 'lab'].map((name) => ({ action: 'remove', console: `isis.${name}` }));
  const removed = await service.apply({ isis: [] });
  const byName = (a: { console: string }, b: { console: string }) => a.console.localeCompare(b.console);
  assert.deepEqual(removed.toSorted(byName), gone.toSorted(byName));
  assert.deepEqual(await service.list(), []);
});
