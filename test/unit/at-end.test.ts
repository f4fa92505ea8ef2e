import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { atEnd } from '../harness/at-end.ts';

/** A test that has ended: what it was told to do then. */
function ended() {
  const hooks: (() => unknown)[] = [];
  const t = { after: (hook: () => unknown) => void hooks.push(hook) } as unknown as TestContext;
  return { t, hooks };
}

test('the last one opened is closed first, one after the other', async () => {
  const { t, hooks } = ended();
  const closed: string[] = [];
  atEnd(t, () => closed.push('folder'));
  atEnd(t, async () => {
    await turn();
    closed.push('server');
  });
  atEnd(t, () => {
    closed.push('client');
    // Resources opened meanwhile are closed too.
    atEnd(t, () => closed.push('late'));
  });
  assert.equal(hooks.length, 1);
  await hooks[0]?.();
  assert.deepEqual(closed, ['client', 'late', 'server', 'folder']);
});

test('a failure to close keeps nothing else open, and is reported', async () => {
  const { t, hooks } = ended();
  let closed = 0;
  const fail = (text: string) => () => {
    throw new Error(text);
  };
  atEnd(t, () => closed++);
  atEnd(t, fail('one'));
  await assert.rejects(async () => hooks[0]?.(), { message: 'one' });
  assert.equal(closed, 1);
  for (const text of ['two', 'three']) {
    atEnd(t, fail(text));
  }
  await assert.rejects(
    async () => hooks[0]?.(),
    (error: AggregateError) => {
      assert.deepEqual(
        error.errors.map(({ message }) => message),
        ['three', 'two'],
      );
      return true;
    },
  );
});
