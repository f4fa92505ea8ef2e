import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Records } from '../../src/holder/records.ts';
import { newKey, oldKeyOf } from '../../src/holder/terminal-store.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const CHILD = {
  pid: 4711,
  startTime: '123456',
  startedAt: 1,
  startOffset: 2,
  stop: { steps: [{ wait: 1 }], before: [] },
  stripHigh: true,
};

test('the next holder finds what the last one has written, and the offsets of the streams', (t) => {
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
  const found = new Map(
    new Records(folder, 'boot').take().found.map(({ saved, head }) => [saved.name, { saved, head }]),
  );
  assert.deepEqual([...found.keys()].toSorted(), ['TS:b.c', 'a']);
  assert.deepEqual(found.get('a'), { saved: { name: 'a', memo: 'm', child: CHILD }, head: 2 ** 40 + 1 });
  assert.equal(found.get('TS:b.c')?.head, 7);
});

test('a slot is given once; a file that cannot be parsed is skipped; records of another boot do not count', (t) => {
  const folder = temporaryDirectory(t);
  const first = new Records(folder, 'boot');
  first.make('a')?.save({ name: 'a', memo: '' });
  writeFileSync(join(folder, 'boot', 'torn.json'), '{"name":');
  const second = new Records(folder, 'boot');
  const [a] = second.take().found;
  const b = second.make('b');
  assert.ok(a && b);
  a.record.head = 5;
  b.head = 6;
  b.save({ name: 'b', memo: '' });
  const heads = new Records(folder, 'boot').take().found.map(({ saved, head }) => [saved.name, head]);
  assert.deepEqual(heads.toSorted(), [
    ['a', 5],
    ['b', 6],
  ]);
  assert.deepEqual(new Records(folder, 'another').take().found, []);
});

test('a released console touches nothing of the one that has its slot now', (t) => {
  const folder = temporaryDirectory(t);
  const records = new Records(folder, 'boot');
  const gone = records.make('gone');
  gone?.remove();
  const next = records.make('next');
  assert.ok(gone && next);
  next.head = 5;
  next.save({ name: 'next', memo: '' });
  // Its child is killed, and prints until it is gone.
  gone.head = 4711;
  gone.remove();
  records.make('third')?.save({ name: 'third', memo: '' });
  const { found, senseless } = new Records(folder, 'boot').take();
  assert.deepEqual(senseless, []);
  assert.deepEqual(found.map(({ saved, head }) => [saved.name, head]).toSorted(), [
    ['next', 5],
    ['third', 0],
  ]);
});

test('a record that cannot be removed is reported, and ends nothing', (t) => {
  const folder = temporaryDirectory(t);
  const told: string[] = [];
  const record = new Records(folder, 'boot', (message) => told.push(message)).make('a');
  mkdirSync(join(folder, 'boot', 'a.json'));
  record?.remove();
  assert.match(told.join(), /a\.json cannot be removed/);
});

test('whatever a file holds, it is a record or it is put aside and reported', (t) => {
  const folder = temporaryDirectory(t);
  const first = new Records(folder, 'boot');
  const good = {
    name: 'good',
    memo: '',
    slot: 7,
    child: CHILD,
    key: 'k',
    log: { path: '/l', keep: 1, compress: false },
  };
  const path = (name: string): string => join(folder, 'boot', `${name}.json`);
  const write = (name: string, value: unknown): void =>
    writeFileSync(path(name), typeof value === 'string' ? value : JSON.stringify(value));
  first.make('a')?.save({ name: 'a', memo: '' });
  // Fields of a later version are ignored.
  write('good', { ...good, later: { much: true }, child: { ...CHILD, more: 1 } });
  const senseless: Readonly<Record<string, unknown>> = {
    empty: '',
    binary: '\0\xff\xfe',
    torn: '{"name":"torn","memo":"","sl',
    null: null,
    number: 5,
    list: [good],
    nothing: {},
    other: good,
    memo: { ...good, name: 'memo', memo: 7 },
    slot: { ...good, name: 'slot', slot: -1 },
    far: { ...good, name: 'far', slot: 1e9 },
    twice: { ...good, name: 'twice' },
    child: { ...good, name: 'child', slot: 9, child: { ...CHILD, pid: 'x' } },
    strip: { ...good, name: 'strip', slot: 11, child: { ...CHILD, stripHigh: 1 } },
    stop: { ...good, name: 'stop', slot: 10, child: { ...CHILD, stop: { steps: 'all', before: [] } } },
    log: { ...good, name: 'log', slot: 11, log: { path: 5 } },
    end: { ...good, name: 'end', slot: 12, end: { pid: 1 } },
  };
  for (const [name, value] of Object.entries(senseless)) {
    write(name, value);
  }
  writeFileSync(`${path('a')}.new`, 'half of a re');
  const told: string[] = [];
  const taken = new Records(folder, 'boot', (message) => told.push(message)).take();
  assert.deepEqual(taken.found.map(({ saved }) => saved.name).toSorted(), ['a', 'good']);
  assert.deepEqual(taken.found.find(({ saved }) => saved.name === 'good')?.saved.child?.pid, CHILD.pid);
  const names = Object.keys(senseless).toSorted();
  assert.deepEqual(taken.senseless.toSorted(), names);
  assert.deepEqual(
    readdirSync(join(folder, 'boot')).toSorted(),
    ['a.json', 'good.json', 'heads', ...names.map((name) => `${name}.json.bad`)].toSorted(),
  );
  assert.equal(told.length, names.length);
  assert.ok(
    told.every((message) => /makes no sense \(.+\) and was put aside: .*\.bad$/.test(message)),
    told.join('\n'),
  );
});

test('a file in the place of the offsets is put aside too; an invalid offset is 0', (t) => {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, 'boot', 'heads'), { recursive: true });
  const told: string[] = [];
  const first = new Records(folder, 'boot', (message) => told.push(message));
  assert.equal(told.length, 1);
  assert.ok(existsSync(join(folder, 'boot', 'heads.bad')));
  const a = first.make('a');
  a?.save({ name: 'a', memo: '' });
  for (const offset of [Number.NaN, -1, 2 ** 60, 0.5]) {
    Object.assign(a ?? {}, { head: offset });
    assert.deepEqual(
      new Records(folder, 'boot').take().found.map(({ head }) => head),
      [0],
    );
  }
});

test('a record that cannot be written is reported once', (t) => {
  const folder = temporaryDirectory(t);
  const told: string[] = [];
  const record = new Records(folder, 'boot', (message) => told.push(message)).make('a');
  mkdirSync(join(folder, 'boot', 'a.json.new'));
  record?.save({ name: 'a', memo: '1' });
  record?.save({ name: 'a', memo: '2' });
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /^a would not outlive the holder: EISDIR/);
});

test('the names of all descriptors that the unit may keep fit into one environment variable', () => {
  const names = [newKey('x'.repeat(200)), oldKeyOf({ pid: 2 ** 22, startTime: String(20 * 365 * 86_400 * 100) })];
  // Of a machine that has been up for 80 years.
  const longest = Math.max(...names.map(({ length }) => length), 6 + (80 * 365 * 86_400_000).toString(36).length);
  assert.ok((longest + 1) * 8192 < 128 * 1024, `${longest}`);
});
