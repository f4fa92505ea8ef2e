import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Farewell } from '../../src/listeners/procserv/farewell.ts';

const idle = (head: number) => ({ head, taken: head, stalled: 0 });

test('a peer is closed after a second without output', () => {
  const farewell = new Farewell(0);
  assert.equal(farewell.isOver(10, idle(5)), false);
  assert.equal(farewell.isOver(900, idle(8)), false);
  assert.equal(farewell.isOver(1800, idle(8)), false);
  assert.equal(farewell.isOver(1900, idle(8)), true);
});

test('a peer is closed after four seconds of endless output', () => {
  const farewell = new Farewell(0);
  for (let now = 0; now < 4000; now += 100) {
    assert.equal(farewell.isOver(now, idle(now)), false);
  }
  assert.equal(farewell.isOver(4000, idle(4000)), true);
});

test('output up to then is delivered to a slow peer, and not to one that takes nothing', () => {
  const at = (now: number, taken: number, stalled: number) => [now, { head: 1_000_000 + now, taken, stalled }] as const;
  for (const [last, over] of [
    [at(9000, 1_004_000, 500), true],
    [at(9000, 900_000, 4000), true],
    [at(9000, 900_000, 3999), false],
  ] as const) {
    const farewell = new Farewell(0);
    for (const now of [0, 2000, 4000, 6000]) {
      assert.equal(farewell.isOver(...at(now, 100 * now, 500)), false);
    }
    assert.equal(farewell.isOver(...last), over);
  }
});
