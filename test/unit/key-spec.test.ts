import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyName, parseKey, parseKeys } from '../../src/model/key-spec.ts';

const KEYS: readonly (readonly [spec: string, code: number | undefined])[] = [
  ['^A', 1],
  ['^a', 1],
  ['^X', 0x18],
  ['^Z', 0x1a],
  ['^[', 0x1b],
  ['^\\', 0x1c],
  ['^]', 0x1d],
  ['^_', 0x1f],
  ['^@', 0],
  ['^?', 0x7f],
  ['^^', 0x5e],
  ['^', 0x5e],
  ['^1', 0x5e],
  ['K', 0x4b],
  ['Kx', 0x4b],
  ['', undefined],
];

for (const [spec, code] of KEYS) {
  test(`key '${spec}'`, () => assert.equal(parseKey(spec), code));
}

test('sets of keys', () => {
  assert.deepEqual([...parseKeys('^D^C^]')], [4, 3, 0x1d]);
  assert.deepEqual([...parseKeys('^^x!')], [0x5e, 0x78, 0x21]);
  assert.deepEqual([...parseKeys('^1')], [0x5e, 0x31]);
  assert.deepEqual([...parseKeys('')], []);
  // A letter beyond ASCII stands for the bytes that a terminal sends for it.
  assert.deepEqual([...parseKeys('é^D')], [0xc3, 0xa9, 4]);
});

test('names of keys are read back as the key', () => {
  for (let code = 0; code < 0x80; code++) {
    if (code !== 0x1e && !(code >= 0x20 && keyName(code) === '^')) {
      assert.equal(parseKey(keyName(code)), code, keyName(code));
    }
  }
});
