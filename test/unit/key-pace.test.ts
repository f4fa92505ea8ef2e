import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConsoleKeys, KeyPace } from '../../src/platform/time/key-pace.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

/**
 * Clients of one console that send blocks of keys as fast as they are read, for this long; returns how many keys of
 * each acted.
 */
function flood(clock: FakeClock, console: ConsoleKeys, clients: number, seconds: number, readers = 1): number[] {
  const acted = Array.from({ length: clients }, () => 0);
  const send = (client: number): void => {
    while (!keys[client]?.resting) {
      const count = keys[client]?.allowance ?? 0;
      acted[client] = (acted[client] ?? 0) + count;
      keys[client]?.acted(count, readers);
    }
  };
  const keys = acted.map((_, client) => console.connection(() => send(client)));
  for (const client of acted.keys()) {
    send(client);
  }
  clock.advance(seconds * 1000);
  for (const each of keys) {
    each.close();
  }
  return acted;
}

const sum = (counts: readonly number[]): number => counts.reduce((all, each) => all + each, 0);

test('keys typed by a person never wait', () => {
  const clock = new FakeClock();
  const console = new KeyPace(clock).console();
  const keys = console.connection(() => assert.fail('it was not resting'));
  for (let n = 0; n < 1000; n++) {
    assert.ok(keys.allowance >= 1);
    keys.acted(1, 3);
    assert.equal(keys.resting, false);
    clock.advance(100);
  }
});

test('a flood of keys from one connection acts some twenty times a second', () => {
  const clock = new FakeClock();
  const [acted = 0] = flood(clock, new KeyPace(clock).console(), 1, 10);
  assert.ok(acted >= 200 && acted <= 260, `${acted} keys acted`);
});

test('floods at one console share a bound, which is lower if many read, and nobody is left out', () => {
  for (const [readers, most] of [
    [1, 20 * 50 + 200],
    // Everybody gets one in ten seconds, whatever it costs.
    [160, 20 * 5 + 300],
  ] as const) {
    const clock = new FakeClock();
    const acted = flood(clock, new KeyPace(clock).console(), 100, 20, readers);
    assert.ok(sum(acted) <= most, `${sum(acted)} keys acted, with ${readers} readers`);
    assert.ok(acted.every((each) => each >= 2));
  }
});

test('a crowd that floods one console delays others by at most ten seconds, however long it floods', () => {
  const clock = new FakeClock();
  const console = new KeyPace(clock).console();
  flood(clock, console, 1000, 60, 1000);
  const keys = console.connection(() => undefined);
  keys.acted(1, 1000);
  assert.equal(keys.resting, true);
  clock.advance(10_000);
  assert.equal(keys.resting, false);
});

test('a key at another console acts at once during floods, and again within two seconds', () => {
  const clock = new FakeClock();
  const pace = new KeyPace(clock);
  for (let n = 0; n < 50; n++) {
    flood(clock, pace.console(), 100, 0);
  }
  const keys = pace.console().connection(() => undefined);
  assert.ok(keys.allowance >= 1);
  keys.acted(1, 1);
  clock.advance(2000);
  assert.equal(keys.resting, false);
});

test('a connection that is closed is not told', () => {
  const clock = new FakeClock();
  const keys = new KeyPace(clock).console().connection(() => assert.fail('it was told'));
  keys.acted(100, 1);
  assert.equal(keys.resting, true);
  keys.close();
  clock.advance(100_000);
});
