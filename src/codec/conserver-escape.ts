/** The two characters that begin an escape command, as users write and see them (spec/conserver.md 5.1, 6). */

export interface EscapeSequence {
  /** 0..255 each. */
  readonly first: number;
  readonly second: number;
}

/** `^E c`. */
export const DEFAULT_ESCAPE: EscapeSequence = { first: 0x05, second: 0x63 };

export type EscapeFault = { readonly fault: string };

/** Reads two of `c`, `^c`, `M-c`, `^?` from a byte string. The fault names the text or its faulty part. */
export function parseEscape(text: string): EscapeSequence | EscapeFault {
  const codes: number[] = [];
  let at = 0;
  while (codes.length < 2) {
    const read = readCharacter(text, at);
    if (read === undefined) {
      return { fault: `escape sequence \`${text}' ends too early: it needs two characters, as in ^Ec` };
    }
    codes.push(read.code);
    at = read.end;
  }
  if (at < text.length) {
    return { fault: `escape sequence has more than two characters: \`${text.slice(at)}' is left over` };
  }
  return { first: codes[0] as number, second: codes[1] as number };
}

function readCharacter(text: string, at: number): { code: number; end: number } | undefined {
  // `M-` alone is two plain characters, as in the original.
  if (text.startsWith('M-', at) && at + 2 < text.length) {
    const low = readCharacter(text, at + 2);
    return low === undefined ? undefined : { code: low.code | 0x80, end: low.end };
  }
  const character = text.charCodeAt(at);
  if (Number.isNaN(character)) {
    return undefined;
  }
  if (character !== 0x5e) {
    return { code: character & 0xff, end: at + 1 };
  }
  const control = text.charCodeAt(at + 1);
  if (Number.isNaN(control)) {
    return undefined;
  }
  return { code: control === 0x3f ? 0x7f : control & 0x1f, end: at + 2 };
}

/** `^E`, `^?`, `M-^E`, `a`: one byte as the prompts of client and server show it. */
export function showCharacter(code: number): string {
  if (code >= 0x80) {
    return `M-${showCharacter(code & 0x7f)}`;
  }
  if (code === 0x7f) {
    return '^?';
  }
  return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : String.fromCharCode(code);
}

/** As in the client's hint: `^Ec`. */
export function showEscape(sequence: EscapeSequence): string {
  return showCharacter(sequence.first) + showCharacter(sequence.second);
}

/** As the server names single characters: those that would be misread get a word. */
export function nameCharacter(code: number): string {
  const words: Readonly<Record<string, string>> = { ' ': '<space>', '^': '<circumflex>', '\\': '<backslash>' };
  const shown = showCharacter(code & 0x7f);
  return (code >= 0x80 ? 'M-' : '') + (words[shown] ?? shown);
}
