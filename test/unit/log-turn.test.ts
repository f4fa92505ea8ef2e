// The permitted operations on the file of a log, and its syncs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogPlace } from '../../src/terminal/log-place.ts';
import { LogSync } from '../../src/terminal/log-sync.ts';
import { LogTurn, TURNS, type TurnEvent, type TurnState } from '../../src/terminal/log-turn.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const STATES = Object.keys(TURNS) as readonly TurnState[];
const EVENTS = Object.keys(TURNS.idle) as readonly TurnEvent[];

test('a write and a change of the file exclude each other, and closed is final', () => {
  const into = (to: TurnState, event?: TurnEvent) =>
    STATES.filter((from) => EVENTS.some((each) => (event ?? each) === each && TURNS[from][each] === to));
  assert.deepEqual(into('writing'), ['idle'], 'one write at a time');
  assert.deepEqual(into('moving'), ['idle', 'full'], 'a FIFO that takes nothing may be replaced');
  assert.deepEqual(into('closed', 'close'), ['idle', 'writing', 'full', 'moving']);
  assert.deepEqual(
    EVENTS.filter((event) => TURNS.closed[event] !== null),
    [],
  );
  for (const state of STATES) {
    assert.deepEqual(Object.keys(TURNS[state]).sort(), [...EVENTS].sort(), `${state} answers everything`);
  }
});

test('an impossible transition changes nothing', () => {
  const turn = new LogTurn();
  assert.ok(turn.take('write') && !turn.take('move') && !turn.isFree);
  assert.ok(turn.take('filled') && turn.isFree && !turn.take('write'));
  assert.ok(turn.take('move') && !turn.take('room') && !turn.isFree);
  assert.ok(turn.take('moved') && turn.take('write') && turn.take('written'));
  assert.ok(turn.take('close') && !turn.isFree && !turn.take('written'));
  assert.equal(turn.state, 'closed');
});

/** Syncs of a file; `come` completes the one under way. */
function syncs(delay: number | undefined) {
  const clock = new FakeClock();
  const place = { fd: 3, isOurs: true, sync: (done: () => void) => running.push(done) };
  const running: (() => void)[] = [];
  const sync = new LogSync(place as unknown as LogPlace, delay, clock);
  return { clock, place, running, sync };
}

test('one sync covers all writes until it begins, and the next begins when it is done', () => {
  const { clock, running, sync } = syncs(100);
  sync.soon();
  sync.soon();
  clock.advance(100);
  assert.equal(running.length, 1);
  sync.soon();
  clock.advance(1000);
  assert.equal(running.length, 1, 'it is still under way');
  running.shift()?.();
  sync.soon();
  clock.advance(100);
  assert.equal(running.length, 1);
});

test('a log that is closed, away or not ours is not synced', () => {
  const away = syncs(0);
  away.sync.soon();
  away.place.fd = -1;
  away.clock.advance(0);
  assert.equal(away.running.length, 0);
  away.place.fd = 3;
  away.sync.soon();
  away.clock.advance(0);
  assert.equal(away.running.length, 1, 'the file is there again');
  away.sync.close();
  away.running.shift()?.();
  away.sync.soon();
  away.clock.advance(1000);
  assert.equal(away.running.length, 0);
  const closed = syncs(10);
  closed.sync.soon();
  closed.sync.close();
  closed.clock.advance(10);
  assert.equal(closed.running.length, 0);
  const given = syncs(0);
  given.place.isOurs = false;
  given.sync.soon();
  given.clock.advance(0);
  assert.equal(given.running.length, 0);
});
