import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Start, StartQueue } from '../../src/console/start-queue.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

interface Site {
  readonly queue: StartQueue;
  readonly clock: FakeClock;
  readonly started: string[];
  readonly coming: Set<string>;
  /** An automatic start of a process. */
  readonly enter: (name: string, more?: Partial<Start>) => void;
}

function site(most: number): Site {
  const clock = new FakeClock();
  const started: string[] = [];
  const coming = new Set<string>();
  const queue = new StartQueue(
    () => most,
    (name) => coming.has(name),
    clock,
  );
  const enter = (name: string, more: Partial<Start> = {}) =>
    queue.enter({ name, after: [], link: false, asked: false, ...more }, () => started.push(name));
  return { queue, clock, started, coming, enter };
}

test('at most the configured number start at once, in order', () => {
  const { queue, started, enter } = site(2);
  for (const name of ['a', 'b', 'c', 'd']) {
    enter(name);
  }
  assert.deepEqual(started, ['a', 'b']);
  queue.leave('a');
  assert.deepEqual(started, ['a', 'b', 'c']);
  queue.leave('d');
  queue.leave('b');
  assert.deepEqual(started, ['a', 'b', 'c'], 'd was given up while it waited');
});

test('a fault while many enter keeps none from starting', () => {
  const { queue, started, enter } = site(1);
  const fault = () => {
    enter('a');
    throw new Error('fault');
  };
  assert.throws(() => queue.gather(fault), /fault/);
  assert.deepEqual(started, ['a']);
  queue.leave('a');
  enter('b');
  assert.deepEqual(started, ['a', 'b']);
});

test('a start with `after` waits for those under way, and lets others pass', () => {
  const { queue, started, coming, enter } = site(1);
  coming.add('base');
  enter('late', { after: ['base'] });
  enter('free');
  assert.deepEqual(started, ['free']);
  queue.leave('free');
  assert.deepEqual(started, ['free']);
  assert.equal(queue.waitOf('late')?.what, 'base, which it comes after');
  coming.delete('base');
  queue.leave('base');
  assert.deepEqual(started, ['free', 'late']);
});

test('links that do not connect take no slot of a process, and none of another link for long', () => {
  const { queue, clock, started, enter } = site(2);
  for (let i = 0; i < 60; i++) {
    enter(`dark${i}`, { link: true });
  }
  enter('ioc');
  enter('live', { link: true });
  assert.deepEqual(started, ['dark0', 'dark1', 'ioc']);
  assert.deepEqual(queue.waitOf('live'), {
    ...{ kind: 'turn', what: 'a start slot behind dark0, dark1' },
    since: new Date(clock.now()).toISOString(),
  });
  clock.advance(29_999);
  assert.equal(started.includes('live'), false);
  clock.advance(1);
  assert.equal(started.length, 62, 'sixty of them, two a second, although none has come to an end');
  queue.leave('dark0');
  assert.equal(queue.waitOf('live'), undefined);
});

test('a link that is told to try again enters the queue again', () => {
  const { clock, queue, started, enter } = site(1);
  enter('a', { link: true });
  enter('b', { link: true });
  clock.advance(500);
  queue.leave('a');
  assert.deepEqual(started, ['a', 'b']);
  enter('a', { link: true });
  clock.advance(999);
  assert.deepEqual(started, ['a', 'b'], 'the first turn of a ends nothing of b');
  clock.advance(1);
  assert.deepEqual(started, ['a', 'b', 'a']);
});

test('a requested start waits for nothing that starts by itself', () => {
  const { queue, started, enter } = site(1);
  enter('slow');
  enter('next');
  enter('wanted', { asked: true });
  assert.deepEqual(started, ['slow', 'wanted']);
  enter('also', { asked: true });
  assert.equal(queue.waitOf('also')?.what, 'a start slot behind wanted');
  queue.leave('wanted');
  assert.deepEqual(started, ['slow', 'wanted', 'also']);
  // Even for one that waited for its turn already.
  queue.hurry('next');
  queue.hurry('started long ago');
  queue.leave('also');
  assert.deepEqual(started, ['slow', 'wanted', 'also', 'next']);
});

test('among links a requested start goes first', () => {
  const { clock, started, enter } = site(1);
  for (const name of ['a', 'b', 'c']) {
    enter(name, { link: true });
  }
  enter('wanted', { link: true, asked: true });
  clock.advance(1000);
  assert.deepEqual(started, ['a', 'wanted']);
});

test('a long list of obstacles is not reported in full', () => {
  const { queue, enter } = site(50);
  for (let i = 0; i < 51; i++) {
    enter(`ioc${i}`);
  }
  assert.equal(queue.waitOf('ioc50')?.what, 'a start slot behind ioc0, ioc1, ioc2 and 47 more');
});
