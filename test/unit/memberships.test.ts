import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Memberships } from '../../src/access/group-member.ts';
import { Aside } from '../../src/platform/aside.ts';
import { Identities, identityOf } from '../../src/platform/process/run-as.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

test('groups of users are those of the system; an unknown user has none', async () => {
  const memberships = new Memberships(systemClock);
  await Promise.all(['root', 'daemon', 'no-such-user'].map((user) => memberships.learn(user)));
  for (const user of ['root', 'daemon']) {
    const groups = execFileSync('id', ['-Gn', user], { encoding: 'utf8' }).trim().split(' ');
    assert.ok(groups.every((group) => memberships.has(user, group)));
  }
  assert.equal(memberships.has('daemon', 'root'), false);
  assert.equal(memberships.has('no-such-user', 'root'), false);
  assert.equal(memberships.has('never-asked', 'never-asked'), false);
});

test('a directory that does not answer is waited for once, and admits nobody', async () => {
  let asked = 0;
  const answer = Promise.withResolvers<readonly string[]>();
  const clock = new FakeClock();
  const memberships = new Memberships(
    clock,
    {
      membershipsOf: () => {
        asked++;
        return answer.promise;
      },
    },
    20,
  );
  const learn = async (): Promise<void> => {
    const learned = memberships.learn('ann');
    clock.advance(20);
    await learned;
  };
  await learn();
  assert.equal(memberships.has('ann', 'ops'), false);
  await learn();
  assert.equal(asked, 1);
  answer.resolve(['ops']);
  await memberships.learn('ann');
  assert.equal(memberships.has('ann', 'ops'), true);
});

test('a command is not run before its user is known', async (t) => {
  const identities = new Identities();
  assert.throws(() => identities.of({ user: 'daemon' }), /the user directory has not answered who daemon is/);
  assert.deepEqual(identities.of(undefined), {});
  await identities.learn([{ user: 'daemon' }, undefined, { user: '12345', group: 'daemon' }]);
  if (process.geteuid?.() !== 0) {
    t.skip('only root can be somebody else');
    return;
  }
  const id = (...words: string[]) => Number(execFileSync('id', words, { encoding: 'utf8' }));
  const daemon = identities.of({ user: 'daemon' });
  assert.deepEqual([daemon.uid, daemon.gid], [id('-u', 'daemon'), id('-g', 'daemon')]);
  assert.deepEqual(identities.of({ user: '12345', group: 'daemon' }), { uid: 12345, gid: id('-g', 'daemon') });
  assert.deepEqual(await identityOf({}, new Aside()), {});
});
