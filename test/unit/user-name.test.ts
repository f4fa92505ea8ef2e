import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aside } from '../../src/platform/aside.ts';
import { userName } from '../../src/platform/process/user-name.ts';

type User = Awaited<ReturnType<Aside['userById']>>;

test('a user directory that does not answer holds up one caller; the name is there when it has answered', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const answer = Promise.withResolvers<User>();
  const users = { userById: () => answer.promise };
  const uid = 4_000_001;
  const first = userName(uid, users);
  t.mock.timers.tick(1000);
  assert.equal(await first, undefined);
  assert.equal(await userName(uid, users), undefined, 'at once');
  answer.resolve({ name: 'vera' } as User);
  await answer.promise;
  assert.equal(await userName(uid, users), 'vera');
});
