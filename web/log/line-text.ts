/** A line of a log as text: what a terminal would not show is left out. Pure. */

/** Characters of a line that are shown. */
export const MOST_CHARACTERS = 2000;
/** Parts of a line that are marked. */
const MOST_MARKS = 50;

/** Strings that a terminal swallows (OSC, DCS and the like), control sequences, controls, marks that turn the direction of text. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is matched
  /\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Where a terminal would write over what it has written: both are kept. */
const REWRITTEN = /\r+(?=[^\r\n])/g;

export function seen(line: string): string {
  return line
    .slice(0, 4 * MOST_CHARACTERS)
    .replace(REWRITTEN, ' ')
    .replace(UNSEEN, '');
}

/** A part of a text, and whether it is what was looked for. */
export interface Part {
  readonly text: string;
  readonly isFound: boolean;
}

/** What marks: undefined for an expression that is not tried here, since it may take for ever. */
export function marker(text: string, isRegex: boolean, isCased: boolean): RegExp | undefined {
  if (text === '' || (isRegex && mayBeSlow(text))) {
    return undefined;
  }
  try {
    return new RegExp(isRegex ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), isCased ? 'gu' : 'giu');
  } catch {
    return undefined;
  }
}

/** A group that is repeated, a look around, what refers to a group, more than one repetition without end. */
function mayBeSlow(pattern: string): boolean {
  return /\)[*+{?]|\(\?[=!<]|\\[1-9k]/.test(pattern) || (pattern.match(/[*+]|,\}/g) ?? []).length > 1;
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
