import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LoginLimits } from '../../src/access/login-limits.ts';
import { WaitingRoom } from '../../src/listeners/conserver/wire/waiting-room.ts';

const SETTINGS = { freeOfUser: 3, freeOfPeer: 6, forget: 60_000, longest: 300_000, most: 100 };

function limits(settings = SETTINGS) {
  const clock = { time: 0, monotonic: () => clock.time };
  return { clock, limits: new LoginLimits(clock, settings) };
}

test('the first wrong passwords cost nothing, then each doubles the wait', () => {
  const { clock, limits: it } = limits();
  const waits: number[] = [];
  for (let tries = 0; tries < 6; tries++) {
    it.begin('10.0.0.1', 'ann');
    waits.push(it.wait('10.0.0.1', 'ann'));
  }
  assert.deepEqual(waits, [0, 0, 0, 1000, 2000, 4000]);
  assert.equal(it.wait('10.0.0.1', 'bob'), 0, 'another user at the same peer');
  assert.equal(it.wait('10.0.0.2', 'ann'), 0, 'the same user elsewhere');
  it.begin('10.0.0.1', 'bob');
  assert.equal(it.wait('10.0.0.1', 'cid'), 1000, 'the peer has had its share');
  clock.time = 4000;
  assert.equal(it.wait('10.0.0.1', 'ann'), 0);
  clock.time = 10 * 60_000;
  it.begin('10.0.0.1', 'ann');
  assert.equal(it.wait('10.0.0.1', 'ann'), 0, 'forgotten');
});

test('a correct password clears the user; no wait exceeds the maximum', () => {
  const { limits: it } = limits();
  for (let tries = 0; tries < 3; tries++) {
    it.begin('a', 'ann');
  }
  it.succeeded('a', 'ann');
  it.begin('a', 'ann');
  assert.equal(it.wait('a', 'ann'), 0);
  for (let tries = 0; tries < 60; tries++) {
    it.begin('a', 'ann');
  }
  assert.equal(it.wait('a', 'ann'), 300_000);
});

test('a user who logs in correctly all day, even a hundred times a minute, never waits', () => {
  const { clock, limits: it } = limits();
  for (let tries = 0; tries < 5000; tries++) {
    assert.equal(it.wait('gate', `u${tries % 200}`), 0);
    it.begin('gate', `u${tries % 200}`);
    it.succeeded('gate', `u${tries % 200}`);
    clock.time += 600;
  }
});

test('an IPv6 network is one peer, this machine is one, however it is written', () => {
  for (const [one, other] of [
    ['2001:db8::1', '2001:db8::2:3'],
    ['2001:db8:0:0:1:2:3:4', '2001:db8::9'],
    ['::1', '::2'],
    ['1::2:3:4:5:6:7', '1:0:2:3:ffff::'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
    ['2001:DB8::1', '2001:0db8:0000::ffff'],
    ['127.0.0.1', '127.99.3.200'],
    ['::ffff:127.0.0.1', '127.1.2.3'],
    ['::ffff:7f00:1', '127.1.2.3'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
  ] as const) {
    const { limits: it } = limits();
    for (let tries = 0; tries < 7; tries++) {
      it.begin(one, `u${tries}`);
    }
    assert.equal(it.wait(other, 'z'), 1000, `${one} ${other}`);
    for (const stranger of ['2002:db8::1', '192.0.2.8', '::ffff:192.0.2.8', '128.0.0.1']) {
      assert.equal(it.wait(stranger, 'z'), 0, `${stranger} beside ${one}`);
    }
  }
});

test('whoever tries, the tables stay small and no wait exceeds the maximum', () => {
  const attempt = fc.tuple(fc.string(), fc.string({ maxLength: 200 }), fc.nat(10_000));
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 300 }), (attempts) => {
      const { clock, limits: it } = limits({ ...SETTINGS, most: 20 });
      for (const [address, user, pause] of attempts) {
        it.begin(address, user);
        const wait = it.wait(address, user);
        assert.ok(wait >= 0 && wait <= SETTINGS.longest);
        assert.ok(it.size <= 20);
        clock.time += pause;
      }
    }),
  );
});

test('a full waiting room: the peer with most connections loses its oldest', () => {
  const out: string[] = [];
  const room = new WaitingRoom<string>(3, (guest) => out.push(guest));
  for (const guest of ['a1', 'b1', 'b2', 'b3', 'b4']) {
    room.enter(guest.charAt(0), guest);
  }
  assert.deepEqual(out, ['b1', 'b2']);
  assert.equal(room.size, 3);
  for (const guest of ['a1', 'a1', 'b1', 'b3', 'b4']) {
    room.leave(guest.charAt(0), guest);
  }
  assert.equal(room.size, 0);
});
