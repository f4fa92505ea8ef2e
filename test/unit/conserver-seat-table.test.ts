/** The queue of conserver's users on the session registry that all channels share. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { actOnConsole } from '../../src/console/acts.ts';
import { enter } from '../../src/console/session.ts';
import { SessionRegistry } from '../../src/console/session-registry.ts';
import { notice, said } from '../../src/listeners/conserver/model/remark.ts';
import type { Seat } from '../../src/listeners/conserver/model/seat.ts';
import { Seats } from '../../src/listeners/conserver/seat-table.ts';
import type { SessionInfo } from '../../src/model/api.ts';
import type { Act } from '../../src/model/console-acts.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import { ANONYMOUS } from '../../src/model/principal.ts';
import type { Session } from '../../src/model/session.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { NO_ACTS } from '../fakes/fake-console.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { newcomer } from '../fakes/newcomer.ts';
import { guest, person } from '../fakes/principals.ts';

interface Person {
  readonly leave: () => void;
  readonly seat: Seat;
  readonly heard: string[];
}

function site() {
  const registry = new SessionRegistry(systemClock, () => undefined);
  const act: Act = (by, verb, ...how) => actOnConsole({ registry } as never, by, verb, ...how);
  const seats = new Seats({ registry, act }, { remark: '' });
  const nothing = () => undefined;
  const console = {
    stream: new OutputStream(new OutputRing({ keep: 1000, most: 1000 }), systemClock.monotonic),
    ...{ full: false, type: nothing, whenRoom: nothing, forget: nothing, resize: nothing },
  };
  const parts = { console, backend: { read: async () => nothing }, registry, act: NO_ACTS };
  const come = async (user: string, mayWrite = true): Promise<Person> => {
    const heard: string[] = [];
    const fresh = newcomer(guest(user), {
      rights: () => (mayWrite ? 'write' : 'read'),
      tell: (text) => heard.push(text.trim()),
      bumped: () => heard.push('bumped'),
    });
    let seat: Seat | undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const sink = Object.assign(new FakeSink(), {
      entered: (session: Session) => {
        seat = seats.join(fresh, session);
        resolve();
      },
      writer: (writer?: SessionInfo) => seat && seats.heard(seat, writer),
    });
    const session = enter(parts, guest(user), { mode: 'read' }, sink);
    await promise;
    const leave = () => {
      seats.leave(seat as Seat);
      session.leave();
    };
    seats.connect(seat as unknown as Seat);
    return { seat: seat as unknown as Seat, heard, leave };
  };
  const attach = (user: string) => {
    const heard: string[] = [];
    const entry = registry.enter(person(user, { pid: 7 }), 'read', {
      writerChanged: (writer) => heard.push(`writer ${writer?.user ?? 'nobody'}`),
      evicted: (reason) => heard.push(reason),
      tell: (text) => heard.push(text),
      rightsChanged: () => undefined,
    });
    return { entry, heard };
  };
  return { registry, seats, come, attach };
}

/** Promotion waits for a microtask. */
const turn = () => Promise.resolve();

test('the first one writes, the next ones wait in order, readers never write', async () => {
  const { seats, registry, come } = site();
  const [ann, eve, bob] = [await come('ann'), await come('eve', false), await come('bob')];
  assert.equal(seats.writer?.user, 'ann');
  ann.leave();
  assert.equal(registry.writer, undefined, 'everybody hears that it is free first');
  await turn();
  assert.equal(seats.writer?.user, 'bob');
  assert.deepEqual([bob.heard, eve.heard], [['[attached]'], []]);
  seats.spy(bob.seat);
  await turn();
  assert.equal(seats.writer, undefined);
});

test('an attach session takes the keyboard by force, and back: each is told by whom', async () => {
  const { seats, registry, come, attach } = site();
  const ann = await come('ann');
  const root = attach('root');
  assert.equal(registry.take(root.entry, false), false);
  assert.equal(registry.take(root.entry, true), true);
  assert.deepEqual(ann.heard, ['bumped', "[forced to `spy' mode by root@localhost]"]);
  assert.equal(seats.want(ann.seat), false);
  assert.deepEqual(seats.force(ann.seat), { user: 'root', host: 'localhost' });
  assert.deepEqual(root.heard, ['writer root', 'writer ann']);
  assert.equal(seats.force(ann.seat), undefined, 'it is hers already');
});

test('a keyboard that an attach session releases goes to a waiting user, not to one who is suspended', async () => {
  const { seats, registry, come, attach } = site();
  const root = attach('root');
  registry.take(root.entry, false);
  const [ann, bob, eve] = [await come('ann'), await come('bob'), await come('eve')];
  seats.spy(eve.seat);
  seats.suspend(ann.seat);
  registry.release(root.entry);
  await turn();
  assert.deepEqual([seats.writer?.user, bob.heard], ['bob', ['[attached]']]);
  seats.connect(ann.seat);
  registry.take(root.entry, true);
  registry.leave(root.entry);
  await turn();
  assert.equal(seats.writer?.user, 'ann', 'she asked again before bob was bumped');
  ann.leave();
  await turn();
  bob.leave();
  await turn();
  assert.deepEqual([seats.writer, eve.heard], [undefined, []], 'eve came to watch');
});

test('all users are in the tables, the writer first; telnet may always type', async () => {
  const { seats, registry, come, attach } = site();
  const bob = await come('bob', false);
  attach('root');
  registry.enter({ ...ANONYMOUS, from: '10.0.0.3', port: 51234 }, 'write', {
    writerChanged: () => undefined,
    evicted: () => undefined,
    tell: () => undefined,
    rightsChanged: () => undefined,
  });
  await come('ann');
  seats.suspend(bob.seat);
  assert.deepEqual(
    seats.users().map(({ user, host, mode }) => [user, host, mode]),
    [
      ['ann', 'desk', 'write'],
      ['bob', 'desk', 'suspended'],
      ['root', 'localhost', 'read'],
      ['unknown', '10.0.0.3', 'write'],
    ],
  );
});

test('messages reach all, without brackets for clients that do not use them', async () => {
  const { seats, come, attach } = site();
  const ann = await come('ann');
  const root = attach('root');
  for (const occupant of seats.all()) {
    occupant.hear(said('ann@desk: [sic] --]'));
    occupant.hear(notice("Disconnected by admin `eve@x'"));
  }
  assert.deepEqual(ann.heard, ['[ann@desk: [sic] --]]', "[-- Disconnected by admin `eve@x' --]"]);
  assert.deepEqual(root.heard.slice(-2), ['ann@desk: [sic] --]', "Disconnected by admin `eve@x'"]);
});

test('rights that are revoked and granted again', async () => {
  const { seats, come } = site();
  const [ann, bob] = [await come('ann'), await come('bob')];
  seats.setMayWrite(ann.seat, false);
  await turn();
  assert.equal(seats.writer?.user, 'bob');
  seats.setMayWrite(ann.seat, true);
  assert.equal(seats.want(ann.seat), false);
  bob.leave();
  await turn();
  assert.equal(seats.writer?.user, 'ann');
});

test('a client that came to watch never gets the keyboard', async () => {
  const { seats, come } = site();
  const [ann, bob] = [await come('ann'), await come('bob')];
  seats.spy(bob.seat);
  ann.leave();
  await turn();
  assert.equal(seats.writer?.user, undefined);
  seats.suspend(bob.seat);
  seats.back(bob.seat);
  assert.equal(seats.writer?.user, undefined, 'nor by going away and coming back');
  const cid = await come('cid');
  assert.equal(seats.writer?.user, 'cid');
  seats.suspend(cid.seat);
  seats.spy(cid.seat);
  cid.leave();
  await turn();
  assert.deepEqual([seats.writer, bob.heard], [undefined, []]);
});

test('neither a spy nor a suspended client is promoted; a reader never writes', async () => {
  const { seats, come } = site();
  const [ann, bob, eve] = [await come('ann'), await come('bob'), await come('eve', false)];
  seats.spy(bob.seat);
  seats.suspend(ann.seat);
  await turn();
  assert.equal(seats.writer?.user, undefined);
  seats.back(ann.seat);
  assert.equal(seats.writer?.user, 'ann', 'back, and nobody else writes');
  ann.leave();
  await turn();
  assert.equal(seats.writer?.user, undefined);
  assert.deepEqual(
    seats.users().map(({ user, mode, wantsToWrite }) => [user, mode, wantsToWrite]),
    [
      ['eve', 'read', false],
      ['bob', 'read', false],
    ],
  );
  seats.setMayWrite(eve.seat, true);
  bob.leave();
  assert.equal(seats.force(eve.seat), undefined);
  assert.equal(seats.writer?.user, 'eve');
});

test('a waiting client keeps its place while suspended; a former writer does not wait', async () => {
  const { seats, come } = site();
  const [ann, bob, cid] = [await come('ann'), await come('bob'), await come('cid')];
  seats.suspend(bob.seat);
  seats.back(bob.seat);
  seats.suspend(ann.seat);
  await turn();
  assert.equal(seats.writer?.user, 'bob', 'before cid');
  seats.back(ann.seat);
  assert.deepEqual([ann.seat.wantsToWrite, ann.heard], [false, []]);
  bob.leave();
  await turn();
  cid.leave();
  await turn();
  assert.equal(seats.writer?.user, undefined);
  assert.equal(seats.want(ann.seat), true);
});

test('a client that asks again waits longest of all; the last one that asked is shown first', async () => {
  const { seats, come } = site();
  const [, bob, cid] = [await come('ann'), await come('bob'), await come('cid')];
  const shown = () => seats.users().map(({ user }) => user);
  seats.want(bob.seat);
  assert.deepEqual(shown(), ['bob', 'cid', 'ann']);
  seats.force(cid.seat);
  assert.deepEqual(shown(), ['ann', 'cid', 'bob']);
  seats.spy(cid.seat);
  await turn();
  assert.equal(seats.writer?.user, 'bob');
});

test('whatever happens: at most one writer, which is present, may write and wants to', async () => {
  const step = fc.tuple(
    fc.constantFrom('join', 'leave', 'want', 'force', 'spy', 'suspend', 'back', 'connect'),
    fc.nat(4),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { seats, come } = site();
      let people: Person[] = [];
      for (const [what, index] of steps) {
        const person = people[index];
        const seat = person?.seat;
        if (what === 'join') {
          people.push(await come(`u${index}`, index !== 3));
        } else if (what === 'leave') {
          person?.leave();
          people = people.filter((other) => other !== person);
        } else if (seat && (seat.mayWrite || (what !== 'force' && what !== 'want'))) {
          seats[what](seat);
        }
        await turn();
        const writer = people.find(({ seat: other }) => seats.writer !== undefined && isWriter(seats, other));
        assert.equal(writer === undefined, seats.writer === undefined);
        assert.ok(writer === undefined || (writer.seat.mayWrite && writer.seat.wantsToWrite));
        const waiting = people.some(
          ({ seat: other }) => other.connected && other.wantsToWrite && other !== writer?.seat,
        );
        assert.ok(writer !== undefined || !waiting, 'somebody waits while nobody writes');
      }
    }),
    { numRuns: 40 },
  );
});

const isWriter = (seats: Seats, { id }: Seat) => seats.users().some((user) => user.id === id && user.mode === 'write');
