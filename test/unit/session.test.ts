// Entering a console: the events of a session, and that nothing of it is left, however it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { EnterOptions, Session } from '../../src/model/session.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { site } from '../fakes/session-site.ts';

const READ: EnterOptions = { mode: 'read', from: { lines: 0 } };
const WRITE: EnterOptions = { mode: 'write', from: { lines: 0 } };

test('a session reads from now on, and is told nothing after it has left', async () => {
  const { come, say, history, nothingIsLeft } = site();
  say('before\n');
  const { session, sink } = await come('ann', READ);
  assert.deepEqual([session.offset, session.live, session.sessions], [7, 7, 1]);
  say('after');
  session.leave();
  session.leave();
  say('later');
  assert.deepEqual(sink.told, ['entered', '> after']);
  assert.deepEqual(history, ['ann attached', 'ann detached']);
  nothingIsLeft();
});

test('history comes without terminal queries, output that continues at an offset is complete', async () => {
  const { come, say } = site();
  say('one\ntwo\x1b[c\n');
  const first = await come('ann', { mode: 'read', from: { lines: 1 } });
  const second = await come('eve', { mode: 'read', from: { offset: 4 } });
  assert.deepEqual([first.session.offset, first.session.live], [4, 11]);
  assert.deepEqual([first.sink.text, second.sink.text], ['two\n', 'two\x1b[c\n']);
});

test('history that is interrupted and continued still comes without terminal queries', async () => {
  const { come, say } = site();
  say('one\n\x1b[ctwo\n\x1b[c\n');
  const { session, sink } = await come('ann', { mode: 'read', from: { lines: 3 } });
  say('\x1b[6nlive');
  session.subscribe(4);
  assert.equal(sink.text, 'one\ntwo\n\n\x1b[6nlivetwo\n\n\x1b[6nlive');
});

test('an offset that is overwritten or still to come is moved to the nearest existing one', async () => {
  const { come, say, lent, console } = site({ keep: 1024, most: 1024 });
  for (let n = 0; n < 5; n++) {
    say('x'.repeat(1024));
  }
  const { tail, head } = console.stream.ring;
  const past = await come('ann', { mode: 'read', from: { offset: 10 } });
  const ahead = await come('eve', { mode: 'read', from: { offset: 99_999 } });
  assert.deepEqual([past.session.offset, ahead.session.offset, lent.asked], [tail, head, [10, 99_999]]);
});

test('a reader that is too slow misses a piece, and goes on after it at the right offset', async () => {
  const { clock, come, say, console } = site({ keep: 1024, most: 2048 });
  const { session, sink } = await come('ann', READ);
  sink.full = true;
  say('first');
  // Too long to be waited for.
  clock.advance(60_000);
  for (let n = 0; n < 5; n++) {
    say('x'.repeat(1024));
  }
  sink.full = false;
  session.resume();
  const missed = console.stream.ring.tail - 'first'.length;
  assert.equal(sink.told[2], `missed ${missed}`);
  assert.equal(sink.text.length, console.stream.ring.head - missed);
  assert.deepEqual(session.place?.offset, console.stream.ring.head);
});

test('without a starting offset nothing comes before it is requested, and it can stop and go on', async () => {
  const { come, say } = site();
  const { session, sink } = await come('ann', { mode: 'read' });
  say('unheard ');
  session.subscribe();
  say('heard ');
  assert.equal(session.unsubscribe(), 14);
  say('while away ');
  assert.equal(session.unsubscribe(), undefined);
  session.subscribe(14);
  assert.equal(sink.text, 'heard while away ');
});

test('of two sessions that want to write one may; force takes the keyboard, and both are told', async () => {
  const { come, typed, history } = site();
  const ann = await come('ann', WRITE);
  const eve = await come('eve', WRITE);
  assert.deepEqual([ann.session.info.mode, eve.session.info.mode], ['write', 'read']);
  assert.deepEqual([ann.session.write(Buffer.from('a')), eve.session.write(Buffer.from('e'))], [true, false]);
  eve.session.resize(80, 24);
  assert.equal(eve.session.take(false), false);
  assert.equal(eve.session.take(true), true);
  assert.deepEqual([ann.session.write(Buffer.from('b')), eve.session.write(Buffer.from('f'))], [false, true]);
  eve.session.resize(80, 25);
  eve.session.leave();
  assert.deepEqual(typed, ['a', 'f', '80x25']);
  assert.deepEqual(ann.told, ['entered', 'writer eve', 'denied: eve (localhost) has the keyboard', 'writer nobody']);
  const denied = 'denied: ann (localhost) has the keyboard';
  assert.deepEqual(eve.told, ['entered', denied, denied, denied, 'writer eve']);
  assert.deepEqual(history.slice(0, 3), ['ann attached', 'ann writer', 'eve attached']);
});

test('a session that always writes needs no keyboard and takes none; ignored keys go nowhere', async () => {
  const { come, typed, console, clock } = site();
  console.ignore = new Set([4]);
  const ann = await come('ann', WRITE);
  const telnet = await come('unknown', { mode: 'always' });
  clock.advance(5000);
  assert.equal(telnet.session.write(Buffer.from('x\x04y')), true);
  assert.equal(ann.session.write(Buffer.from('\x04')), true);
  assert.deepEqual([typed, telnet.session.info.mode, ann.session.info.mode], [['xy'], 'write', 'write']);
  assert.equal(telnet.session.lastInput, clock.now());
  telnet.session.leave();
  assert.equal(telnet.session.write(Buffer.from('z')), false);
});

test('a session that waits for room is called once there is some, and not after leaving', async () => {
  const { come, host } = site();
  const ann = await come('ann', WRITE);
  const bob = await come('bob', { mode: 'always' });
  host.room = false;
  ann.session.write(Buffer.from('a'));
  assert.deepEqual([ann.session.full, bob.session.full], [true, true]);
  for (const { session } of [ann, ann, bob]) {
    session.awaitRoom();
  }
  bob.session.leave();
  host.handlers.drained();
  host.handlers.drained();
  assert.deepEqual([ann.told, bob.told], [['entered', 'room'], ['entered']]);
  assert.equal(ann.session.full, false);
});

test('a removed console evicts all sessions, including those still entering, and admits nobody', async () => {
  const { begin, come, lent, registry, nothingIsLeft } = site();
  const ann = await come('ann', WRITE);
  const held = Promise.withResolvers<void>();
  lent.lend = held.promise;
  const bob = begin('bob', READ);
  const refused = assert.rejects(bob.sink.settled, { code: 'HF_NO_CONSOLE', message: 'removed' });
  registry.close('removed');
  await refused;
  const eve = begin('eve', READ);
  await assert.rejects(eve.sink.settled, { code: 'HF_NO_CONSOLE' });
  held.resolve();
  await turn();
  assert.deepEqual(
    [ann.told, bob.sink.told, eve.sink.told],
    [['entered', 'closed: removed'], ['refused: removed'], ['refused: removed']],
  );
  nothingIsLeft();
});

test('a session that leaves while entering, at whatever moment, leaves no trace', async () => {
  const { begin, lent, history, nothingIsLeft } = site();
  for (const moments of [0, 1, 2, 3, 4, 5]) {
    const held = Promise.withResolvers<void>();
    lent.lend = held.promise;
    const { session, sink } = begin('ann', READ);
    held.resolve();
    for (let n = 0; n < moments; n++) {
      await undefined;
    }
    session.leave();
    await turn();
    await turn();
    assert.deepEqual(sink.told, [], `${moments} moments`);
    nothingIsLeft();
  }
  assert.deepEqual(history, []);
});

test('an obstacle is reported instead of entering, and nothing is left of the session', async () => {
  const { begin, lent, nothingIsLeft } = site();
  const first = begin('ann', { ...READ, after: () => Promise.reject(new Error('no holder')) });
  await assert.rejects(first.sink.settled, /no holder/);
  lent.lend = Promise.reject(new Error('no output'));
  const second = begin('bob', READ);
  await assert.rejects(second.sink.settled, /no output/);
  assert.deepEqual([first.sink.told, second.sink.told], [['refused: no holder'], ['refused: no output']]);
  nothingIsLeft();
});

test('a session may be evicted in the middle of its own output or input', async () => {
  const { come, say, registry, host, nothingIsLeft } = site();
  class Leaving extends FakeSink {
    override output(bytes: Uint8Array): boolean {
      this.session?.leave();
      return super.output(bytes);
    }
  }
  const ann = await come('ann', READ, new Leaving());
  const bob = await come('bob', WRITE);
  say('word');
  assert.deepEqual(
    [ann.told, bob.told],
    [
      ['entered', 'writer bob', '> word'],
      ['entered', '> word'],
    ],
  );
  host.write = () => {
    registry.close('removed');
    return true;
  };
  assert.equal(bob.session.write(Buffer.from('x')), true);
  assert.deepEqual(bob.told.at(-1), 'closed: removed');
  assert.equal(bob.session.write(Buffer.from('y')), false);
  assert.equal(bob.session.take(true), false);
  bob.session.subscribe();
  nothingIsLeft();
});

test('many sessions come and go in any order, and nothing is left when all have gone', async () => {
  const { begin, say, nothingIsLeft, console, history } = site();
  const all: { session: Session; sink: FakeSink }[] = [];
  for (let n = 0; n < 200; n++) {
    all.push(begin(`user${n}`, n % 3 === 0 ? { mode: 'always' } : n % 3 === 1 ? WRITE : READ));
  }
  await Promise.all(all.map(({ sink }) => sink.settled));
  say('hello');
  assert.equal(console.stream.readers, 133);
  for (const { session } of all.sort((one, other) => (one.session.info.id % 7) - (other.session.info.id % 7))) {
    session.leave();
  }
  assert.equal(history.filter((each) => each.endsWith('attached')).length, 200);
  assert.equal(history.filter((each) => each.endsWith('detached')).length, 200);
  nothingIsLeft();
});
