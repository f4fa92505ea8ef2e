import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartQueue } from '../../src/console/start-queue.ts';

test('no more than so many start at once, in their order', () => {
  const started: string[] = [];
  const queue = new StartQueue(
    () => 2,
    () => false,
  );
  for (const name of ['a', 'b', 'c', 'd']) {
    queue.enter(name, [], () => started.push(name));
  }
  assert.deepEqual(started, ['a', 'b']);
  queue.leave('a');
  assert.deepEqual(started, ['a', 'b', 'c']);
  queue.leave('d');
  queue.leave('b');
  assert.deepEqual(started, ['a', 'b', 'c'], 'd was given up while it waited');
});

test('what comes after waits for what is on its way, and lets others pass', () => {
  const coming = new Set(['base']);
  const started: string[] = [];
  const queue = new StartQueue(
    () => 1,
    (name) => coming.has(name),
  );
  queue.enter('late', ['base'], () => started.push('late'));
  queue.enter('free', [], () => started.push('free'));
  assert.deepEqual(started, ['free']);
  queue.leave('free');
  assert.deepEqual(started, ['free']);
  coming.delete('base');
  queue.leave('base');
  assert.deepEqual(started, ['free', 'late']);
});
