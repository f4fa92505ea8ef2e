import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nameCharacter, parseEscape, showCharacter, showEscape } from '../../src/codec/conserver-escape.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

test('an escape sequence is two characters in any of the notations', () => {
  assert.deepEqual(parseEscape('^Ec'), { first: 5, second: 0x63 });
  assert.deepEqual(parseEscape('ab'), { first: 0x61, second: 0x62 });
  assert.deepEqual(parseEscape('^?M-a'), { first: 0x7f, second: 0xe1 });
  assert.deepEqual(parseEscape('M-'), { first: 0x4d, second: 0x2d });
});

test('an incomplete sequence and one with surplus characters are refused by name', () => {
  for (const text of ['', 'a', '^', '^E', 'a^']) {
    const parsed = parseEscape(text);
    assert.ok('fault' in parsed && parsed.fault.includes(`\`${text}'`), text);
  }
  const parsed = parseEscape('abc');
  assert.ok('fault' in parsed && parsed.fault.includes("`c'"));
});

test('the displayed form can be read back', () => {
  const code = fc.integer({ min: 0, max: 255 }).filter((value) => (value & 0x7f) !== 0x5e);
  fc.assert(
    fc.property(code, code, (first, second) => {
      const shown = showEscape({ first, second });
      // `M` then `-` is the one pair that reads as something else.
      fc.pre(!(first === 0x4d && second === 0x2d));
      assert.deepEqual(parseEscape(shown), { first, second }, shown);
    }),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => void parseEscape(text)));
});

test('characters that could be misread have names', () => {
  assert.deepEqual([5, 0x20, 0x5e, 0x5c, 0x7f, 0x85, 0x61].map(nameCharacter), [
    '^E',
    '<space>',
    '<circumflex>',
    '<backslash>',
    '^?',
    'M-^E',
    'a',
  ]);
  assert.equal(showCharacter(0x20), ' ');
});
