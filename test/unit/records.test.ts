import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Records } from '../../src/holder/records.ts';
import { keyOf } from '../../src/holder/terminal-store.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const CHILD = {
  pid: 4711,
  startTime: '123456',
  startedAt: 1,
  startOffset: 2,
  stop: { steps: [{ wait: 1 }], before: [] },
};

test('the next holder finds what the last one has written, and where the streams were', (t) => {
  const folder = temporaryDirectory(t);
  const first = new Records(folder, 'boot');
  const [a, b, gone] = ['a', 'TS:b.c', 'gone'].map((name) => first.make(name));
  assert.ok(a && b && gone);
  a.save({ name: 'a', memo: '' });
  a.save({ name: 'a', memo: 'm', child: CHILD });
  a.head = 2 ** 40 + 1;
  b.save({ name: 'TS:b.c', memo: '' });
  b.head = 7;
  gone.save({ name: 'gone', memo: '' });
  gone.remove();
  const found = new Map(new Records(folder, 'boot').take().map(({ saved, head }) => [saved.name, { saved, head }]));
  assert.deepEqual([...found.keys()].toSorted(), ['TS:b.c', 'a']);
  assert.deepEqual(found.get('a'), { saved: { name: 'a', memo: 'm', child: CHILD }, head: 2 ** 40 + 1 });
  assert.equal(found.get('TS:b.c')?.head, 7);
});

test('a place is given once; a file that makes no sense is passed over; another boot is another world', (t) => {
  const folder = temporaryDirectory(t);
  const first = new Records(folder, 'boot');
  first.make('a')?.save({ name: 'a', memo: '' });
  writeFileSync(join(folder, 'boot', 'torn.json'), '{"name":');
  const second = new Records(folder, 'boot');
  const [a] = second.take();
  const b = second.make('b');
  assert.ok(a && b);
  a.record.head = 5;
  b.head = 6;
  b.save({ name: 'b', memo: '' });
  const heads = new Records(folder, 'boot').take().map(({ saved, head }) => [saved.name, head]);
  assert.deepEqual(heads.toSorted(), [
    ['a', 5],
    ['b', 6],
  ]);
  assert.deepEqual(new Records(folder, 'another').take(), []);
});

test('the names of all that the unit may keep fit into one variable of an environment', () => {
  const longest = keyOf({ pid: 2 ** 22, startTime: String(20 * 365 * 86_400 * 100) });
  assert.ok((longest.length + 1) * 8192 < 128 * 1024, longest);
});
