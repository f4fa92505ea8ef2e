/** One writer, the others wait or watch: the writer after every step, and all notifications. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Seat } from '../../src/listeners/conserver/model/seat.ts';
import { Seats } from '../../src/listeners/conserver/served/seats.ts';
import { NO_STREAM, newcomer } from '../fakes/newcomer.ts';
import { guest } from '../fakes/principals.ts';

interface Told {
  readonly seats: Seats;
  readonly log: string[];
  readonly told: Map<string, string[]>;
  readonly join: (user: string, mayWrite?: boolean) => Seat;
}

function room(): Told {
  const log: string[] = [];
  const told = new Map<string, string[]>();
  const seats = new Seats({
    log: (text) => log.push(text),
    writerLeft: () => log.push('<left>'),
    remark: () => '',
  });
  const join = (user: string, mayWrite = true): Seat => {
    const heard: string[] = [];
    told.set(user, heard);
    const tell = (text: string) => void heard.push(text);
    const rights = () => (mayWrite ? 'write' : 'read');
    const seat = seats.join(
      newcomer(guest(user, 'h'), { rights, tell, bumped: () => heard.push('<bumped>') }),
      NO_STREAM,
    );
    seats.connect(seat);
    return seat;
  };
  return { seats, log, told, join };
}

test('the first one writes, the one that waited longest is next; force puts the victim at the end of the queue', () => {
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
    ...['ann@h attached', 'bob@h bumped ann@h', 'bob@h detached', '<left>', 'cid@h attached'],
    ...['cid@h detached', '<left>', 'ann@h attached'],
  ]);
});

test('a client that came to watch never gets the keyboard', () => {
  const { seats, told, join } = room();
  const ann = join('ann');
  const bob = join('bob');
  seats.spy(bob);
  seats.leave(ann);
  assert.equal(seats.writer, undefined);
  seats.suspend(bob);
  seats.back(bob);
  assert.equal(seats.writer, undefined, 'nor by going away and coming back');
  const cid = join('cid');
  assert.equal(seats.writer, cid);
  seats.suspend(cid);
  seats.spy(cid);
  seats.leave(cid);
  assert.deepEqual([seats.writer, told.get('bob')], [undefined, []]);
});

test('neither a spy nor a suspended client is promoted; a reader never writes', () => {
  const { seats, join } = room();
  const ann = join('ann');
  const bob = join('bob');
  const eve = join('eve', false);
  seats.spy(bob);
  seats.suspend(ann);
  assert.equal(seats.writer, undefined);
  seats.back(ann);
  assert.equal(seats.writer, ann, 'back, and nobody else writes');
  seats.leave(ann);
  assert.equal(seats.writer, undefined);
  assert.deepEqual(
    seats.users().map(({ user, mode, wantsToWrite }) => [user, mode, wantsToWrite]),
    [
      ['eve', 'read', false],
      ['bob', 'read', false],
    ],
  );
  seats.setMayWrite(eve, true);
  seats.leave(bob);
  assert.equal(seats.force(eve), undefined);
  assert.equal(seats.writer, eve);
});

test('a waiting client keeps its place while suspended; a former writer does not wait', () => {
  const { seats, told, join } = room();
  const [ann, bob, cid] = [join('ann'), join('bob'), join('cid')];
  seats.suspend(bob);
  seats.back(bob);
  seats.suspend(ann);
  assert.equal(seats.writer, bob, 'before cid');
  seats.back(ann);
  assert.deepEqual([ann.wantsToWrite, told.get('ann')], [false, []]);
  seats.leave(bob);
  seats.leave(cid);
  assert.equal(seats.writer, undefined);
  assert.equal(seats.want(ann), true);
});

test('a client that asks again waits longest of all; the last one that asked is shown first', () => {
  const { seats, join } = room();
  const [ann, bob, cid] = [join('ann'), join('bob'), join('cid')];
  seats.want(bob);
  assert.deepEqual(seats.all(), [bob, cid, ann]);
  seats.force(cid);
  assert.deepEqual(seats.all(), [ann, cid, bob]);
  seats.spy(cid);
  assert.equal(seats.writer, bob);
});

test('whatever happens: at most one writer, which is present, may write and wants to', () => {
  const step = fc.tuple(
    fc.constantFrom('join', 'leave', 'want', 'force', 'spy', 'suspend', 'back', 'connect'),
    fc.nat(4),
  );
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
