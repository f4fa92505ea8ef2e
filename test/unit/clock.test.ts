import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/platform/time/clock.ts';
import { every } from '../../src/platform/time/every.ts';
import { pause } from '../../src/platform/time/pause.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

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

test('a timer keeps the process alive, unless it is told not to', () => {
  const keeping = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = keeping();
  const kept = systemClock.after(DAY, () => undefined);
  assert.equal(keeping(), before + 1);
  const passed = [DAY, 60 * DAY].map((wait) => systemClock.after(wait, () => undefined, { ref: false }));
  assert.equal(keeping(), before + 1);
  for (const timer of [kept, ...passed]) {
    timer.cancel();
  }
  assert.equal(keeping(), before);
});

test('a repeated action goes on after an error, and can cancel itself', () => {
  const clock = new FakeClock();
  let count = 0;
  const timer = every(clock, 10, () => {
    count++;
    if (count === 2) {
      throw new Error('the second time');
    }
    if (count === 4) {
      timer.cancel();
    }
  });
  clock.advance(9);
  assert.equal(count, 0);
  clock.advance(1);
  assert.equal(count, 1);
  assert.throws(() => clock.advance(10), /the second time/);
  clock.advance(20);
  assert.equal(count, 4);
  clock.advance(100);
  assert.equal(count, 4);
  assert.equal(clock.pending, 0);
});

test('a pause ends with its time or its signal, and leaves no timer', async () => {
  const clock = new FakeClock();
  const full = pause(clock, 100);
  clock.advance(100);
  await full;
  const ended = new AbortController();
  const cut = pause(clock, 100, ended.signal);
  ended.abort();
  await cut;
  await pause(clock, 100, ended.signal);
  assert.equal(clock.pending, 0);
});
