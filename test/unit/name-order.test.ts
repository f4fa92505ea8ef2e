// The order of names, beside that of the collator.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareNames } from '../../src/model/name-order.ts';

const collator = new Intl.Collator('en', { numeric: true });

/** Few letters and digits, so that many names differ in little. */
const near = fc.string({ unit: fc.constantFrom(...'aAbB019_-:.@+'), maxLength: 8 });
const any = fc.string({ unit: fc.constantFrom(...'azAZmM0159_-:.@+'), maxLength: 250 });

test('names are in the order of the collator', () => {
  for (const name of [near, any, fc.oneof(near, fc.string())]) {
    fc.assert(
      fc.property(name, name, (one, other) => {
        assert.equal(Math.sign(compareNames(one, other)), collator.compare(one, other));
      }),
      { numRuns: 500 },
    );
  }
  const alphabet = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.:@+-'];
  assert.deepEqual(alphabet.toSorted(compareNames), alphabet.toSorted(collator.compare));
  assert.deepEqual(['vac-10', 'Vac-2', 'vac-02', 'vac-1', 'vac'].toSorted(compareNames), [
    ...['vac', 'vac-1', 'vac-02', 'Vac-2', 'vac-10'],
  ]);
});
