import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Memo, readMemo } from '../../src/console/memo.ts';

const MEMO: Memo = {
  ...{ mode: 'always', configured: 'never', state: 'running', event: 'up', since: 1, restarts: 2 },
  crashes: { early: 1, restarts: [5, 6] },
};

function read(text: string): { memo: Memo | undefined; told: readonly string[] } {
  const told: string[] = [];
  return { memo: readMemo(text, (message) => told.push(message)), told };
}

test('a memo is read as it was written; fields of a later version do no harm, older ones lack some', () => {
  assert.deepEqual(read(JSON.stringify(MEMO)), { memo: MEMO, told: [] });
  const later = { ...MEMO, later: { than: 'us' } };
  assert.deepEqual(read(JSON.stringify(later)).told, []);
  const { configured: _, crashes: __, restarts: ___, ...older } = MEMO;
  assert.deepEqual(read(JSON.stringify(older)), { memo: older, told: [] });
  assert.deepEqual(read(''), { memo: undefined, told: [] });
});

test('a memo that cannot be parsed is ignored, and reported with the reason', () => {
  const wrong = [
    'null',
    '5',
    '[]',
    '{}',
    'no JSON',
    '{"mode":',
    ...Object.keys(MEMO).map((key) => JSON.stringify({ ...MEMO, [key]: {} })),
  ];
  for (const text of wrong) {
    const { memo, told } = read(text);
    assert.equal(memo, undefined, text);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /^what the last server left makes no sense \(.+\), begun anew: "/);
  }
});

test('no text throws', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void read(text)));
});
