/** A line of words as a POSIX shell splits it, without any expansion. Pure. */

export type ShellWords =
  | { readonly words: readonly string[]; readonly error?: never }
  /** The fault of the line, for a message. */
  | { readonly words?: never; readonly error: string };

const BLANK = /[ \t\r\n]/;
/** Characters that a shell, and the splitter here, leave alone. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * Blanks separate; '...' is literal; in "..." a backslash escapes `"` and `\`; elsewhere it escapes anything. The rules of
 * Python's shlex.split, which reads the command of procServ.conf (spec/procserv.md 11).
 */
export function shellWords(line: string): ShellWords {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const character = line[at++] as string;
    if (character === '\\') {
      if (at === line.length) {
        return { error: 'a backslash at the end escapes nothing' };
      }
      word = (word ?? '') + line[at++];
    } else if (character === "'" || character === '"') {
      const quoted = takeQuoted(line, at, character);
      if (quoted === undefined) {
        return { error: `no closing ${character}` };
      }
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (!BLANK.test(character)) {
      word = (word ?? '') + character;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return { words: word === undefined ? words : [...words, word] };
}

/** The text from `start` to the closing quote, and the position after it. */
function takeQuoted(line: string, start: number, quote: string): { text: string; end: number } | undefined {
  let text = '';
  for (let at = start; at < line.length; at++) {
    const character = line[at] as string;
    if (character === quote) {
      return { text, end: at + 1 };
    }
    const next = line[at + 1];
    if (quote === '"' && character === '\\' && (next === '"' || next === '\\')) {
      text += next;
      at++;
    } else {
      text += character;
    }
  }
  return undefined;
}

/** The word in such a form that `shellWords` and every shell read it as one. */
export function quoteWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
