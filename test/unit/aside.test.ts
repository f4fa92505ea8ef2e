/** Questions asked aside if the asking itself fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Aside } from '../../src/platform/aside.ts';

test('thousands of callers that wait for one place all get the error if there is no thread for them', async () => {
  const aside = new Aside({ atOnce: 1, waiting: 20_000 });
  const first = Promise.withResolvers<() => void>();
  const held = aside.ask<string>({ place: 'directory', what: 'the first' }, (done) =>
    first.resolve(() => done(null, 'answer')),
  );
  const answer = await first.promise;
  const others = Array.from({ length: 20_000 }, () =>
    aside.ask({ place: 'directory', what: 'another' }, () => {
      throw new Error('no thread');
    }),
  );
  answer();
  assert.equal(await held, 'answer');
  const ends = await Promise.allSettled(others);
  assert.ok(ends.every((end) => end.status === 'rejected' && (end.reason as Error).message === 'no thread'));
  assert.equal(await aside.ask({ place: 'directory', what: 'one more' }, (done) => done(null, 'here')), 'here');
});
