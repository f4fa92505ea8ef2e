/**
 * The unit of strings of any characters, for `fc.string`. They are those of fast-check's `binary`, which begins by entering each of
 * its 1.1 million characters in a table: a second of processor time in every file that says it.
 */
import fc from 'fast-check';

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;

function character(index: number): string {
  return String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES);
}

function indexOf(value: unknown): number {
  const code = typeof value === 'string' ? (value.codePointAt(0) ?? 0) : 0;
  const index = code < FIRST_SURROGATE ? code : code - SURROGATES;
  if (character(index) !== value) {
    // fast-check asks whether a text that it knows consists of our characters.
    throw new Error('not one character');
  }
  return index;
}

export const ANY_CHARACTER = fc.nat(0x10ffff - SURROGATES).map(character, indexOf);
