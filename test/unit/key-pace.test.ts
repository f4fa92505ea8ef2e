import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyPace } from '../../src/listeners/procserv/key-pace.ts';
import { FakeClock } from '../fake-clock.ts';

/** A client that sends blocks of keys as fast as it is read, for so long; how many acted. */
function flood(clock: FakeClock, pace: KeyPace, clients: number, seconds: number, readers = 1): number[] {
  const acted = Array.from({ length: clients }, () => 0);
  const send = (client: number): void => {
    while (!keys[client]?.resting) {
      const count = keys[client]?.allowance ?? 0;
      acted[client] = (acted[client] ?? 0) + count;
      keys[client]?.acted(count, readers);
    }
  };
  const keys = acted.map((_, client) => pace.connection(() => send(client)));
  for (const client of acted.keys()) {
    send(client);
  }
  clock.advance(seconds * 1000);
  for (const each of keys) {
    each.close();
  }
  return acted;
}

test('what a person types, key after key, never waits', () => {
  const clock = new FakeClock();
  const keys = new KeyPace(clock).connection(() => assert.fail('it was not resting'));
  for (let n = 0; n < 1000; n++) {
    assert.ok(keys.allowance >= 1);
    keys.acted(1, 3);
    assert.equal(keys.resting, false);
    clock.advance(100);
  }
});

test('a flood of keys from one connection acts some twenty times a second', () => {
  const clock = new FakeClock();
  const [acted = 0] = flood(clock, new KeyPace(clock), 1, 10);
  assert.ok(acted >= 200 && acted <= 260, `${acted} keys acted`);
});

test('floods from many connections have a bound together, a lower one where many read, and nobody is left out', () => {
  for (const [readers, most] of [
    [1, 4000],
    [160, 1500],
  ] as const) {
    const clock = new FakeClock();
    const acted = flood(clock, new KeyPace(clock), 100, 10, readers);
    const sum = acted.reduce((all, each) => all + each, 0);
    assert.ok(sum <= most, `${sum} keys acted, with ${readers} readers`);
    assert.ok(acted.every((each) => each >= 4));
  }
});

test('a person among floods acts at once, and again within two seconds', () => {
  const clock = new FakeClock();
  const pace = new KeyPace(clock);
  flood(clock, pace, 100, 1);
  let rested = 0;
  const keys = pace.connection(() => {
    rested++;
  });
  assert.ok(keys.allowance >= 1);
  keys.acted(1, 1);
  clock.advance(2000);
  assert.equal(keys.resting, false);
  assert.ok(rested <= 1);
});

test('a connection that is closed is not told', () => {
  const clock = new FakeClock();
  const keys = new KeyPace(clock).connection(() => assert.fail('it was told'));
  keys.acted(100, 1);
  assert.equal(keys.resting, true);
  keys.close();
  clock.advance(100_000);
});
