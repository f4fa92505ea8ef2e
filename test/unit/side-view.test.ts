// Consoles side by side, without a browser: which ones an address means, and where arrows lead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsFor, MOST_SIDES, neighbour, sidesOf, sidesText } from '../../web/side/side-query.ts';

test('a layout is its address; of too many the first are shown, and the others named', () => {
  assert.deepEqual(sidesOf('console=a&console=b+c&console=a&console=&large=b+c'), {
    ...{ names: ['a', 'b c'], leftOut: [], large: 'b c' },
  });
  assert.equal(sidesText({ names: ['a', 'b c'], large: 'b c' }), 'console=a&console=b+c&large=b+c');
  assert.equal(sidesText({ names: ['a'], large: 'gone' }), 'console=a');
  const many = Array.from({ length: MOST_SIDES + 2 }, (_, at) => `c${at}`);
  const { large, leftOut, names } = sidesOf(`${sidesText({ names: many, large: undefined })}&large=c10`);
  assert.deepEqual([names.length, leftOut, large], [MOST_SIDES, ['c9', 'c10'], undefined]);
});

test('arrows go through the grid, and not out of it', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9].map(columnsFor), [1, 2, 2, 2, 3, 3]);
  const from = (at: number, key: string) => neighbour(at, key, 5, 3);
  assert.deepEqual(
    ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'Enter'].map((key) => from(1, key)),
    [2, 0, 4, undefined, undefined],
  );
  assert.deepEqual(
    [from(4, 'ArrowRight'), from(0, 'ArrowLeft'), from(2, 'ArrowDown')],
    [undefined, undefined, undefined],
  );
});
