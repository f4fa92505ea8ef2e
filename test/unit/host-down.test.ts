import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Events } from '../../src/host/events.ts';
import { goDown } from '../../src/host/going-down.ts';
import { Orphans } from '../../src/host/orphans.ts';
import { reloadOnSignal } from '../../src/host/reload-on-signal.ts';
import type { PlanResult } from '../../src/model/api.ts';
import { eventText } from '../../src/model/event-text.ts';
import { nameOf, type Principal, sender } from '../../src/model/principal.ts';
import { configOf } from '../fakes/host-in-memory.ts';

/** A holder with two consoles that no configuration names. */
function holderWithOrphans() {
  const discarded: number[] = [];
  const holder = {
    orphans: async () => [
      { id: 4, name: 'old' },
      { id: 7, name: 'older' },
    ],
    discard: async (id: number) => void discarded.push(id),
  };
  return { discarded, holder };
}

test('consoles that are no longer configured are released, except those that an unread folder may name', async () => {
  const { discarded, holder } = holderWithOrphans();
  const told: string[] = [];
  const orphans = new Orphans({
    holder,
    discarded: (name) => void told.push(name),
    leftAlone: (text) => void told.push(text),
  });
  const config = configOf({});
  await orphans.apply({ ...config, unread: ['/mnt/iocs'] });
  assert.deepEqual(told.splice(0), [
    'old is not configured, and left alone: /mnt/iocs cannot be read',
    'older is not configured, and left alone: /mnt/iocs cannot be read',
  ]);
  assert.deepEqual(discarded, []);
  assert.deepEqual(await orphans.apply(config), []);
  assert.deepEqual(told, ['old', 'older']);
  assert.deepEqual(discarded, [4, 7]);
});

function downWorld(orphansFail = false) {
  const calls: string[] = [];
  const events = new Events(() => 0, 0);
  events.listen((event) => void calls.push(eventText(event)));
  const call = (name: string) => async () => void calls.push(name);
  const parts = {
    host: {
      stopAll: async (by: Principal) => void calls.push(`stop all by ${nameOf(by)}`),
      closeServices: call('services'),
    },
    orphans: { discardAll: orphansFail ? () => Promise.reject(new Error('gone')) : call('orphans') },
    holder: { shutDown: call('holder ends'), close: () => void calls.push('holder left') },
    control: { unlink: () => void calls.push('socket') },
    events,
    history: { flush: call('flush') },
    audit: { finish: call('audit') },
    manager: { stopping: (status: string) => void calls.push(`manager: ${status}`) },
  };
  return { calls, parts };
}

test('going down leaves the holder and the children, and writes the history last', async () => {
  const { calls, parts } = downWorld();
  await goDown({ all: false, by: sender('SIGTERM') }, parts);
  const text = 'going down; the children go on';
  assert.deepEqual(calls, [text, `manager: ${text}`, 'services', 'socket', 'holder left', 'flush', 'audit']);
});

test('going down with all stops every process first, and ends the holder, even one that dies meanwhile', async () => {
  const { calls, parts } = downWorld(true);
  await goDown({ all: true, by: sender('SIGTERM') }, parts);
  assert.deepEqual(calls.slice(2), [
    'stop all by SIGTERM',
    'holder ends',
    'services',
    'socket',
    'holder left',
    'flush',
    'audit',
  ]);
});

test('SIGHUP opens logs again, applies the files, and says line by line what was not applied', async () => {
  const calls: string[] = [];
  const step = { action: 'add', console: 'vac' } as const;
  const answers: (() => Promise<PlanResult>)[] = [
    async () => ({ steps: [step], failed: [{ ...step, reason: 'no room' }], server: [], problems: [] }),
    async () => ({ steps: [], server: [], problems: [{ file: 'h.toml', line: 2, key: 'x', message: 'unknown' }] }),
    () => Promise.reject(new Error('the holder is silent')),
  ];
  const parts = {
    host: {
      apply: (by: Principal) => {
        calls.push(nameOf(by));
        return (answers.shift() as () => Promise<PlanResult>)();
      },
    },
    holder: { reopenLogs: () => void calls.push('logs') },
    manager: { reloading: () => void calls.push('reloading'), ready: (text: string) => void calls.push(text) },
    status: { text: '1 of 1 up' },
    say: (text: string) => void calls.push(text),
  };
  for (const said of ['add vac: no room', 'h.toml:2: x: unknown', 'the holder is silent']) {
    await reloadOnSignal(parts);
    assert.deepEqual(calls.splice(0), ['reloading', 'logs', 'SIGHUP', said, '1 of 1 up']);
  }
});
