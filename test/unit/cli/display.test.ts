import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { cell, clean, fit, width } from '../../../src/cli/holdfast/text/display.ts';
import { folded } from '../../../src/cli/holdfast/text/folded.ts';
import { ANY_CHARACTER } from '../../harness/any-character.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const OBEYED = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

test('clean leaves no control sequence', () => {
  assert.equal(clean('a\x1b[31mred\x1b[0m b'), 'ared b');
  assert.equal(clean('\x1b]0;title\x07x'), 'x');
  assert.equal(clean('\x1b]0;title\x1b\\x'), 'x');
  assert.equal(clean('\x1bPdevice control\x1b\\x'), 'x');
  assert.equal(clean('a\tb\rc\x08d\x9b31me'), 'a bcde');
  assert.equal(clean('\u202eevil'), 'evil');
  assert.equal(clean('Druck 温度 µ°'), 'Druck 温度 µ°');
});

test('clean holds for any text (fuzz)', () => {
  const piece = fc.oneof(
    fc.string({ unit: ANY_CHARACTER }),
    fc.constantFrom('\x1b', '\x1b[', '\x9b', '\x1b]', '\x07', '\x1b\\', '[2J', '?25l', '\x00'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      assert.doesNotMatch(clean(pieces.join('')), OBEYED);
    }),
  );
});

test('width counts cells', () => {
  assert.equal(width('abc'), 3);
  assert.equal(width('温度'), 4);
  assert.equal(width('e\u0301'), 1);
  assert.equal(width('😀'), 2);
  assert.equal(width('ﾊ'), 1);
});

test('fit never splits a wide character and never exceeds', () => {
  assert.equal(fit('vacuum', 6), 'vacuum');
  assert.equal(fit('vacuum', 5), 'vacu…');
  assert.equal(fit('温度計', 4), '温…');
  assert.equal(fit('温度計', 0), '');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, cells) => {
      const cleaned = clean(text);
      assert.ok(width(fit(cleaned, cells)) <= cells);
      assert.equal(width(cell(cleaned, cells)), cells);
    }),
  );
});

test('folded breaks at blanks, below the text; colours take no room, a long word is left whole', () => {
  assert.equal(folded('short\n', 20), 'short\n');
  assert.equal(folded('it ended with an error\n', 12), 'it ended\n  with an\n  error\n');
  assert.equal(folded('  log     /var/log/a: not written', 22), '  log     /var/log/a:\n          not written');
  assert.equal(folded('09:58:00  vac: ended 3 times', 22), '09:58:00  vac: ended 3\n          times');
  assert.equal(folded('\x1b[31mred\x1b[39m and blue', 12), '\x1b[31mred\x1b[39m and blue');
  assert.equal(folded('at /a/path/that/is/long it is', 10), 'at\n  /a/path/that/is/long\n  it is');
  assert.equal(folded('a b', Number.POSITIVE_INFINITY), 'a b');
});

test('folded loses nothing, and only words are longer than the terminal is wide (fuzz)', () => {
  const word = fc.stringMatching(/^[a-z(/]{1,9}$/).map((text) => `${text}\x1b[0m`);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), fc.integer({ min: 14, max: 40 }), (words, columns) => {
      const shown = folded(words.join(' '), columns);
      assert.deepEqual(shown.split(/\s+/), words);
      assert.ok(shown.split('\n').every((line) => width(stripVTControlCharacters(line)) <= columns));
    }),
  );
});
