import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf, textOf } from '../../src/model/byte-text.ts';

test('any bytes survive the round trip', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual(bytesOf(textOf(bytes)), bytes);
    }),
  );
  const pieces = fc.constantFrom(
    [0xc3],
    [0xa9],
    [0xe2, 0x82],
    [0xf0, 0x9f],
    [0x98, 0x80],
    [0xed, 0xa0, 0x80],
    [0xc0, 0x80],
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const bytes = Uint8Array.from(parts.flat());
      assert.deepEqual(bytesOf(textOf(bytes)), bytes);
    }),
  );
});

test('UTF-8 is what Node accepts as such, and all else is escaped', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.deepEqual(Buffer.from(bytesOf(text)), Buffer.from(text));
      assert.equal(textOf(Buffer.from(text)), text);
    }),
  );
  assert.equal(textOf(Buffer.from('caf\xe9 é', 'latin1')), 'caf\udce9 \udce9');
  // Too long for its character, half of a pair of UTF-16, beyond the last character.
  for (const bytes of [[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff]]) {
    assert.equal(textOf(Uint8Array.from(bytes)), String.fromCharCode(...bytes.map((byte) => 0xdc00 + byte)));
  }
});
