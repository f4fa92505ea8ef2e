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
