/** A log line as text, without what a terminal would not show. Pure. */

import { literalPattern } from '../../src/model/literal-pattern.ts';

/** Most characters of a line. */
export const MOST_CHARACTERS = 2000;
/** Most marks in a line. */
const MOST_MARKS = 50;

/** Strings that a terminal swallows (OSC, DCS and the like), control sequences, control characters, bidirectional marks. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is matched
  /\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Where a terminal would overwrite text: both texts are kept. */
const REWRITTEN = /\r+(?=[^\r\n])/g;

export function seen(line: string): string {
  return line
    .slice(0, 4 * MOST_CHARACTERS)
    .replace(REWRITTEN, ' ')
    .replace(UNSEEN, '');
}

/** A part of a text, and whether it matches the search. */
export interface Part {
  readonly text: string;
  readonly isFound: boolean;
}

/** Finds the marks; undefined for an expression that is not run here, as it might never end. */
export function marker(text: string, isRegex: boolean, isCased: boolean): RegExp | undefined {
  if (text === '' || (isRegex && mayBeSlow(text))) {
    return undefined;
  }
  try {
    return new RegExp(isRegex ? text : literalPattern(text), isCased ? 'gu' : 'giu');
  } catch {
    return undefined;
  }
}

/** Each may double the time. */
const MOST_CHOICES = 10;

/** A repeated group, a look-around, a back-reference, more than one repetition of no fixed count, or many choices. */
function mayBeSlow(pattern: string): boolean {
  const count = (what: RegExp) => (pattern.match(what) ?? []).length;
  return /\)[*+{?]|\(\?[=!<]|\\[1-9k]/.test(pattern) || count(/[*+]|,\d*\}/g) > 1 || count(/[?|]/g) > MOST_CHOICES;
}

export function partsOf(text: string, mark: RegExp | undefined): readonly Part[] {
  if (mark === undefined) {
    return [{ text, isFound: false }];
  }
  const parts: Part[] = [];
  let from = 0;
  const add = (to: number, isFound: boolean): void => {
    if (to > from) {
      parts.push({ text: text.slice(from, to), isFound });
      from = to;
    }
  };
  mark.lastIndex = 0;
  for (let count = 0; count < MOST_MARKS; count++) {
    const match = mark.exec(text);
    if (match === null) {
      break;
    }
    if (match[0] === '') {
      mark.lastIndex++;
    } else {
      add(match.index, false);
      add(match.index + match[0].length, true);
    }
  }
  add(text.length, false);
  return parts;
}
