import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescriptorGuard, sharesOf } from '../../src/platform/process/descriptors.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

test('whatever the limit, some descriptors are kept for ourselves, for the control socket and for listeners with few clients', () => {
  for (const limit of [32, 64, 128, 1024, 524_288, 1_048_576]) {
    const { control, guest, crowd, strays } = sharesOf(limit);
    assert.ok(limit > control && control > guest && guest > crowd && crowd > 0, `${limit}`);
    assert.ok(strays < limit - control);
  }
  assert.deepEqual(sharesOf(Number.POSITIVE_INFINITY).guest, Number.POSITIVE_INFINITY);
});

test('a shortage is reported once when it begins and once when it is over', () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const guard = new DescriptorGuard(clock, (text) => told.push(text));
  guard.refused('the door');
  clock.advance(4000);
  guard.refused('the door');
  clock.advance(4000);
  assert.equal(guard.turnsAway('the door'), true);
  assert.equal(guard.turnsAway('another'), false);
  assert.equal(guard.use.short?.refused, 2);
  assert.match(told.join('\n'), /^out of descriptors: \d+ of \d+ are in use; .* first at the door$/);
  clock.advance(10_000);
  assert.deepEqual(told.slice(1), ['descriptors are available again; 2 connections were refused']);
  assert.equal(guard.turnsAway('the door'), false);
  assert.equal(guard.use.short, undefined);
});
