/** The order of the tables, as conserver 8.2.7 showed it for the same files (`-m 4`, each after a SIGHUP). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListingOrder } from '../../src/listeners/conserver/model/listing-order.ts';
import { findConsole } from '../../src/listeners/conserver/model/lookup.ts';

const arranged = (order: ListingOrder, names: string): string =>
  order
    .arrange(names.split(' ').map((name) => ({ record: { name } })))
    .map(({ record }) => record.name)
    .join(' ');

test('groups from their end; what a reload adds comes first', () => {
  const order = new ListingOrder(4);
  const steps = [
    ['c01 c02 c03 c04 c05 c06 c07 c08 c09 c10 c11', 'c04 c03 c02 c01 c08 c07 c06 c05 c11 c10 c09'],
    [
      'n1 c01 c02 c03 c04 c05 c06 c07 c08 c09 c10 c11 n2 n3 n4 n5 n6',
      'n4 n3 n2 n1 n6 n5 c11 c10 c09 c08 c07 c06 c05 c04 c03 c02 c01',
    ],
    [
      'n1 c01 c02 c09 c10 c11 n2 n3 m1 n4 n5 m2 n6 c03 c04 c05 c06 c07 c08',
      'm2 m1 c08 c07 c06 c05 n6 n5 c11 c10 c09 c04 c03 c02 c01 n4 n3 n2 n1',
    ],
    ['q1 q2 n1 c01 c02 n6 c03 c04 c05 c06 c07 c08', 'q2 q1 c08 c07 c06 c05 n6 c04 c03 c02 c01 n1'],
  ] as const;
  for (const [file, table] of steps) {
    assert.equal(arranged(order, file), table);
  }
});

test('a group has sixteen members', () => {
  const names = Array.from({ length: 18 }, (_, n) => `c${n}`);
  assert.equal(
    arranged(new ListingOrder(), names.join(' ')),
    [...names.slice(0, 16).reverse(), 'c17', 'c16'].join(' '),
  );
});

test('matches of an abbreviation: names and aliases that begin with it, ours before those of other servers', () => {
  const entry = (name: string, aliases: string[], master?: string) => ({ name, aliases, ...(master && { master }) });
  const entries = [entry('r', ['cc9'], 'there'), entry('y', ['zz1', 'cc3']), entry('x', ['cc1', 'CC2', 'zz'])];
  const choices = (name: string) => {
    const found = findConsole(entries, name, { autocomplete: true, redirect: true });
    return found.kind === 'several' ? found.names.join() : found.kind;
  };
  assert.deepEqual(['cc', 'z', 'zz', 'cc9'].map(choices), ['cc3,CC2,cc1,cc9', 'zz1,zz', 'one', 'one']);
});
