/** Values that several blocks of conserver.cf and .consolerc share. */

/** yes/true/on, no/false/off and the explicit empty value, without regard to case; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === 'yes' || word === 'true' || word === 'on') {
    return true;
  }
  return word === 'no' || word === 'false' || word === 'off' || word === '' ? false : undefined;
}

/** Items separated by commas and blanks. */
export function parseList(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}

/** A plain decimal number from `least` to `most`; undefined otherwise. */
export function parseNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

const LETTERS: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92, '^': 94 };

/** `\a \b \f \n \r \t \v \\ \^ \ooo ^c ^?` to the bytes that they stand for; everything else stands for itself. */
export function unescapeText(text: string): string {
  return text.replace(/\\([0-7]{1,3})|\\(.)|\^(.)/gs, (_, octal?: string, letter?: string, control?: string) => {
    if (octal !== undefined) {
      return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    }
    if (letter !== undefined) {
      return String.fromCharCode(LETTERS[letter] ?? letter.charCodeAt(0));
    }
    const code = (control as string).charCodeAt(0);
    return String.fromCharCode(code === 0x3f ? 0x7f : code & 0x1f);
  });
}

const NAMES = new Map(Object.entries(LETTERS).map(([letter, code]) => [String.fromCharCode(code), letter]));

/** The inverse, on one line. */
export function escapeText(bytes: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return bytes.replace(/[\x00-\x1f\x7f\\^]/g, (byte) => {
    const name = NAMES.get(byte);
    return name === undefined ? `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}` : `\\${name}`;
  });
}
