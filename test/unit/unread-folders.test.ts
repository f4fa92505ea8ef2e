import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UnreadFolders } from '../../src/config/unread-folders.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { configOf } from '../fakes/host-in-memory.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** Two folders that do not exist yet, with requests and reports. `answer`: of `take`. */
async function world(t: TestContext, answer: () => Promise<boolean>) {
  const clock = new FakeClock();
  const root = temporaryDirectory(t);
  const [a, b] = [join(root, 'a'), join(root, 'b')];
  const taken: (readonly string[])[] = [];
  const told: string[] = [];
  const folders = new UnreadFolders({
    clock,
    take: (found) => {
      taken.push(found);
      return answer();
    },
    tell: (text) => void told.push(text),
  });
  await folders.apply({ ...configOf({}), unread: [a, b] });
  atEnd(t, () => folders.close());
  return { a, b, clock, folders, taken, told };
}

test('folders are polled until they can be read; those that can are added, and reported', async (t) => {
  const { a, b, clock, folders, taken, told } = await world(t, async () => true);
  mkdirSync(b);
  clock.advance(4999);
  assert.deepEqual(taken, []);
  clock.advance(1);
  await until('the folder is looked at', () => told.length === 1);
  assert.deepEqual(taken, [[b]]);
  assert.deepEqual(told, [`${b} can be read now: its consoles are taken`]);
  // Taking them applies a configuration, which still lacks the other one.
  await folders.apply({ ...configOf({}), unread: [a] });
  mkdirSync(a);
  clock.advance(5000);
  await until('the folder is looked at', () => told.length === 2);
  assert.deepEqual(taken.at(-1), [a]);
});

test('where more has changed a person looks first: it is tried again a minute later', async (t) => {
  const { a, clock, taken, told } = await world(t, () => Promise.reject(new Error('the holder is silent')));
  mkdirSync(a);
  clock.advance(5000);
  await until('the folder is looked at', () => told.length === 1);
  assert.match(told[0] as string, /not taken, since more has changed: see holdfast plan$/);
  await new Promise(setImmediate);
  clock.advance(59_999);
  assert.equal(taken.length, 1);
  clock.advance(1);
  await until('the folder is looked at', () => taken.length === 2);
});
