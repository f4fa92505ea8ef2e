/** One writer, the others wait or watch: who writes after every step, and what everybody is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Seat, Seats } from '../../src/listeners/conserver/seats.ts';

interface Told {
  readonly seats: Seats;
  readonly log: string[];
  readonly told: Map<string, string[]>;
  readonly join: (user: string, mayWrite?: boolean) => Seat;
}

function room(): Told {
  const log: string[] = [];
  const told = new Map<string, string[]>();
  const seats = new Seats((text) => log.push(text));
  const join = (user: string, mayWrite = true): Seat => {
    const heard: string[] = [];
    told.set(user, heard);
    const tell = (text: string) => void heard.push(text);
    const seat = seats.join(
      { user, host: 'h', mayWrite, tell, bumped: () => heard.push('<bumped>'), closed: () => {} },
      0,
    );
    seats.connect(seat);
    return seat;
  };
  return { seats, log, told, join };
}

test('the first writes, the one who waits longest is next; force puts the victim at the end of the queue', () => {
  const { seats, log, told, join } = room();
  const ann = join('ann');
  const bob = join('bob');
  const cid = join('cid');
  assert.equal(seats.writer, ann);
  assert.equal(seats.want(bob), false);
  assert.equal(seats.force(bob), ann);
  assert.deepEqual(told.get('ann'), ['<bumped>', "\r\n[forced to `spy' mode by bob@h]\r\n"]);
  seats.leave(bob);
  assert.equal(seats.writer, cid, 'cid waits longer than ann, who was bumped');
  assert.deepEqual(told.get('cid'), ['\r\n[attached]\r\n']);
  seats.leave(cid);
  assert.equal(seats.writer, ann);
  assert.deepEqual(log, [
    ...['ann@h attached', 'bob@h bumped ann@h', 'bob@h detached', 'cid@h attached', 'cid@h detached', 'ann@h attached'],
  ]);
});

test('who spies is not promoted, who is suspended neither; a reader never writes', () => {
  const { seats, join } = room();
  const ann = join('ann');
  const bob = join('bob');
  const eve = join('eve', false);
  seats.spy(bob);
  seats.suspend(ann);
  assert.equal(seats.writer, undefined);
  seats.connect(ann);
  assert.equal(seats.writer, ann, 'back, and nobody else writes');
  seats.leave(ann);
  assert.equal(seats.writer, undefined);
  assert.deepEqual(
    seats.users().map(({ user, mode, wantsToWrite }) => [user, mode, wantsToWrite]),
    [
      ['bob', 'read', false],
      ['eve', 'read', false],
    ],
  );
  seats.setMayWrite(eve, true);
  seats.leave(bob);
  assert.equal(seats.force(eve), undefined);
  assert.equal(seats.writer, eve);
});

test('whatever happens: at most one writer, who is here, may write and wants to', () => {
  const step = fc.tuple(fc.constantFrom('join', 'leave', 'want', 'force', 'spy', 'suspend', 'connect'), fc.nat(4));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { seats, join } = room();
      for (const [what, index] of steps) {
        const seat = seats.all()[index];
        if (what === 'join') {
          join(`u${index}`, index !== 3);
        } else if (seat !== undefined && (seat.mayWrite || what !== 'force')) {
          if (what !== 'want' || seat.mayWrite) {
            seats[what](seat);
          }
        }
        const { writer } = seats;
        assert.ok(writer === undefined || (seats.all().includes(writer) && writer.mayWrite && writer.wantsToWrite));
        const waiting = seats.all().some((other) => other.connected && other.wantsToWrite && other !== writer);
        assert.ok(writer !== undefined || !waiting, 'somebody waits while nobody writes');
      }
    }),
  );
});
