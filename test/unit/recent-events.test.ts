import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentEvents } from '../../src/host/recent-events.ts';
import type { HostEvent } from '../../src/model/events.ts';

const event = (seq: number): HostEvent => ({
  ...{ seq, time: `t${seq}`, console: seq % 2 === 0 ? 'even' : 'odd' },
  ...{ type: 'log', text: `${seq}` },
});

test('the newest events that match, oldest first; old ones make room', async () => {
  const history = new RecentEvents();
  assert.deepEqual([history.newest, history.since], [0, undefined]);
  assert.deepEqual(await history.find(() => true, 10), []);
  for (let seq = 1; seq <= 10_000; seq++) {
    history.add(event(seq));
  }
  assert.equal(history.newest, 10_000);
  const all = await history.find(() => true, 100_000);
  assert.ok(all.length >= 2000 && all.length <= 3000, `${all.length}`);
  assert.equal(history.since, all[0]?.time);
  const even = await history.find(({ console }) => console === 'even', 2);
  assert.deepEqual(
    even.map(({ seq }) => seq),
    [9998, 10_000],
  );
  assert.deepEqual(await history.find(() => true, 0), []);
});
