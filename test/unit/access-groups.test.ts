// A user who leaves a group of the system loses its rights on an open session, and is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memberships } from '../../src/access/group-member.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { consoleConfig } from '../fakes/memory-host.ts';
import { person } from '../fakes/principals.ts';
import { ruledHost } from '../fakes/ruled-host.ts';

const MINUTE_MS = 60_000;
const RULES = `
[[access.rule]]
who = ["@operators"]
may = ["write"]
[[access.rule]]
who = ["@staff"]
may = ["read"]
`;

async function site(rules = RULES) {
  const clock = new FakeClock();
  const groups: Record<string, string[]> = { vera: ['operators', 'staff'], jo: ['staff'] };
  const asked: string[] = [];
  let hang: Promise<unknown> | undefined;
  const memberships = new Memberships(clock, {
    membershipsOf: async (user) => {
      asked.push(user);
      await hang;
      return groups[user] ?? [];
    },
  });
  const made = ruledHost([consoleConfig('a')], rules, { memberships, clock });
  const { world } = made;
  world.up();
  await world.settle();
  const come = async (user: string, mode: 'read' | 'write') => {
    const sink = new FakeSink();
    const session = world.host.enter('a', person(user), { mode, from: { lines: 0 } }, sink);
    await world.settle();
    await sink.settled;
    return { session, sink };
  };
  const minute = async () => {
    clock.advance(MINUTE_MS);
    await world.settle();
  };
  return {
    ...{ ...made, asked, clock, come, groups, minute },
    hangs: (until: Promise<unknown>) => {
      hang = until;
    },
  };
}

test('within a minute the keyboard is gone, then the session', async () => {
  const { come, groups, minute } = await site();
  const { session, sink } = await come('vera', 'write');
  const other = await come('jo', 'read');
  assert.equal(session.writer?.id, session.info.id);
  await minute();
  assert.equal(session.writer?.id, session.info.id, 'nothing has changed');
  groups.vera = ['staff'];
  await minute();
  assert.equal(session.writer?.id, undefined);
  assert.match(sink.told.join('\n'), /said vera may not take the keyboard of a: it takes the right `write`/);
  groups.vera = [];
  await minute();
  assert.match(sink.told.at(-1) ?? '', /^closed: vera may not attach to a: it takes the right `read`/);
  assert.equal(
    other.sink.told.some((each) => each.startsWith('closed')),
    false,
  );
});

test('only those on a console are looked up, one at a time, and only where rules name groups', async () => {
  const { asked, come, minute, rule } = await site();
  await minute();
  assert.deepEqual(asked, []);
  const { session } = await come('vera', 'read');
  await come('vera', 'read');
  await come('jo', 'read');
  asked.length = 0;
  await minute();
  assert.deepEqual(asked.toSorted(), ['jo', 'vera']);
  session.leave();
  await rule('[[access.rule]]\nwho = ["everyone"]\nmay = ["read"]\n');
  asked.length = 0;
  await minute();
  await minute();
  assert.deepEqual(asked, []);
});

test('a user directory that hangs takes nothing away, and its late answer counts', async () => {
  const { asked, come, groups, hangs, minute } = await site();
  const { session } = await come('vera', 'write');
  const { promise, resolve } = Promise.withResolvers<void>();
  hangs(promise);
  groups.vera = ['staff'];
  asked.length = 0;
  await minute();
  await minute();
  await minute();
  assert.deepEqual(asked, ['vera']);
  assert.equal(session.writer?.id, session.info.id);
  resolve();
  await minute();
  await minute();
  assert.equal(session.writer?.id, undefined);
});
