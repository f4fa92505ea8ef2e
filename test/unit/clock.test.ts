import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/platform/time/clock.ts';

const DAY = 86_400_000;

test('a wait of many weeks is not cut short, and can be cancelled', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const done: string[] = [];
  systemClock.after(60 * DAY, () => done.push('60 days'));
  const other = systemClock.after(60 * DAY, () => done.push('called off'));
  systemClock.after(DAY, () => done.push('a day'));
  systemClock.after(-1, () => done.push('at once'));
  t.mock.timers.tick(0);
  assert.deepEqual(done, ['at once']);
  for (let day = 1; day < 60; day++) {
    t.mock.timers.tick(DAY);
    assert.deepEqual(done, ['at once', 'a day'], `day ${day}`);
  }
  other.cancel();
  // The mock's clock reaches a link of the chain up to one step late.
  t.mock.timers.tick(DAY);
  t.mock.timers.tick(DAY);
  t.mock.timers.tick(DAY);
  assert.deepEqual(done, ['at once', 'a day', '60 days']);
});
