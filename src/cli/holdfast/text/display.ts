/** Foreign text on a terminal: nothing in it may move the cursor, colour, hide or reorder what we print. */
import { stripVTControlCharacters } from 'node:util';

/** C0, DEL, C1, the marks that turn the direction of text, line and paragraph separators, byte order mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is matched
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
/** Strings that a terminal swallows up to their end: OSC, DCS, PM, APC, SOS; unended ones up to the end of the text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is matched
const STRINGS = /(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)/g;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

/** `text` on one line without control characters; a tab becomes a space. */
export function clean(text: string): string {
  // The common case is a plain line, and `ps` may have thousands.
  if (/^[\x20-\x7e]*$/.test(text)) {
    return text;
  }
  return stripVTControlCharacters(text.replace(STRINGS, '')).replaceAll('\t', ' ').replace(UNSAFE, '');
}

/** Terminal cells that a cleaned text takes. */
export function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) {
    return text.length;
  }
  let cells = 0;
  for (const character of text) {
    cells += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  }
  return cells;
}

/** The beginning of a cleaned text in at most `cells` cells; a cut shows as an ellipsis. */
export function fit(text: string, cells: number): string {
  if (width(text) <= cells) {
    return text;
  }
  let taken = '';
  let used = 0;
  for (const character of text) {
    const next = width(character);
    if (used + next > cells - 1) {
      break;
    }
    taken += character;
    used += next;
  }
  return cells > 0 ? `${taken}…` : '';
}

/** Fitted and filled with spaces to exactly `cells`. */
export function cell(text: string, cells: number): string {
  const fitted = fit(text, cells);
  return fitted + ' '.repeat(Math.max(0, cells - width(fitted)));
}

/** Words of a cleaned text on lines of at most `columns`; a longer word has a line of its own. */
export function wrapped(text: string, columns: number, indent = ''): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(word) <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(`${indent}${word}`);
    }
  }
  return lines;
}
