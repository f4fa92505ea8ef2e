// A hold that ends by itself, with clocks that are right, wrong, or set.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HoldEnds, STEADY_MS } from '../../src/host/hold-ends.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const HOUR = 3_600_000;

function ends(): {
  clock: FakeClock;
  holds: HoldEnds;
  over: string[];
  doubted: string[];
  at: (later: number) => string;
} {
  const clock = new FakeClock(1_800_000_000_000);
  const over: string[] = [];
  const doubted: string[] = [];
  const holds = new HoldEnds(
    clock,
    (name) => over.push(name),
    (name) => doubted.push(name),
  );
  return { clock, holds, over, doubted, at: (later) => new Date(clock.now() + later).toISOString() };
}

test('an end that passes while the clock runs counts at once', () => {
  const { clock, holds, over, doubted, at } = ends();
  holds.set('a', at(1000));
  holds.set('b', at(HOUR));
  holds.set('c', undefined);
  clock.advance(999);
  assert.deepEqual(over, []);
  clock.advance(1);
  assert.deepEqual(over, ['a']);
  clock.advance(HOUR);
  assert.deepEqual(over, ['a', 'b']);
  assert.deepEqual(doubted, []);
});

test('a hold that was released or given another end does not end at the old one', () => {
  const { clock, holds, over, at } = ends();
  holds.set('a', at(1000));
  holds.set('b', at(1000));
  holds.set('a', undefined);
  holds.set('b', at(2000));
  clock.advance(1500);
  assert.deepEqual(over, []);
  clock.advance(500);
  assert.deepEqual(over, ['b']);
});

test('an end that has passed at the start waits until the clock is trusted; that is reported once', () => {
  const { clock, holds, over, doubted, at } = ends();
  holds.set('a', at(-HOUR));
  clock.advance(STEADY_MS - 1);
  assert.deepEqual([over, doubted], [[], ['a']]);
  clock.advance(30_000);
  assert.deepEqual([over, doubted], [['a'], ['a']]);
});

test('a clock that is ahead at boot and then set back ends no hold before its time', () => {
  const { clock, holds, over, doubted, at } = ends();
  const right = at(HOUR);
  clock.set(48 * HOUR);
  const boot = new HoldEnds(
    clock,
    (name) => over.push(name),
    (name) => doubted.push(name),
  );
  boot.set('a', right);
  clock.advance(60_000);
  clock.set(-48 * HOUR);
  clock.advance(HOUR - 60_001);
  assert.deepEqual([over, doubted], [[], ['a']]);
  clock.advance(1);
  assert.deepEqual(over, ['a'], 'and at its time it does');
  holds.set('x', undefined);
});

test('a clock that jumps over an end is not trusted at once, and not at all when it comes back', () => {
  const { clock, holds, over, doubted, at } = ends();
  holds.set('a', at(2 * HOUR));
  clock.advance(HOUR);
  clock.set(10 * HOUR);
  clock.advance(60_000);
  assert.deepEqual([over, doubted], [[], ['a']]);
  clock.set(-10 * HOUR);
  clock.advance(HOUR - 60_001);
  assert.deepEqual(over, []);
  clock.advance(1);
  assert.deepEqual(over, ['a']);
});

test('a clock that was behind at boot and is then set right ends a hold late, but ends it', () => {
  const { clock, holds, over, at } = ends();
  const past = at(-HOUR);
  clock.set(-1000 * HOUR);
  holds.set('a', past);
  clock.advance(60_000);
  clock.set(1000 * HOUR);
  clock.advance(STEADY_MS + 60_000);
  assert.deepEqual(over, ['a']);
});

test('an adjustment of less than a second is not a jump', () => {
  const { clock, holds, over, at } = ends();
  holds.set('a', at(HOUR));
  for (let i = 0; i < 60; i++) {
    clock.advance(60_000);
    clock.set(900);
  }
  assert.deepEqual(over, ['a']);
});

test('an end that passed between two servers of one boot, by a clock that was not set, counts at once', () => {
  const { clock, holds, over, at } = ends();
  holds.trust(clock.monotonic() - HOUR);
  holds.set('a', at(-1000));
  holds.set('before that', at(-2 * HOUR));
  assert.deepEqual(over, ['a', 'before that'], 'an hour is long enough to believe the clock');
  const other = ends();
  other.holds.trust(other.clock.monotonic() - 60_000);
  other.holds.set('a', other.at(-1000));
  other.holds.set('before that', other.at(-HOUR));
  assert.deepEqual(other.over, ['a']);
});
