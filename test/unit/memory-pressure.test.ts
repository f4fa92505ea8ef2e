import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchMemory } from '../../src/platform/process/memory-pressure.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

test('an increase counts for processes that die with it, not for those that die later', () => {
  const clock = new FakeClock();
  let kills = 7;
  const ranOut = watchMemory(clock, () => kills);
  assert.equal(ranOut(), false, 'what was before us is not our concern');
  kills += 2;
  assert.equal(ranOut(), true);
  clock.advance(1000);
  assert.equal(ranOut(), true, 'a second victim of the same moment');
  clock.advance(1500);
  assert.equal(ranOut(), false);
});

test('this machine can be queried', () => {
  assert.equal(watchMemory(new FakeClock())(), false);
});
