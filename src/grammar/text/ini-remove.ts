/** Removes a section from an INI file and leaves everything else as typed. Pure. */
import { parseIni } from './ini.ts';

export interface Removed {
  /** The file without the section. */
  readonly text: string;
  /** Whether no other section is left. */
  readonly empty: boolean;
}

/** Undefined if this file does not have the section. */
export function removeSection(text: string, name: string): Removed | undefined {
  const { headers } = parseIni([{ file: '', text }]);
  if (!headers.some((header) => header.name === name)) {
    return undefined;
  }
  const opened = new Map(headers.map((header) => [header.place.line, header.name]));
  const kept: string[] = [];
  let inside = false;
  for (const [index, line] of text.split(/(?<=\r\n|\r(?!\n)|\n)/).entries()) {
    const header = opened.get(index + 1);
    // An indented header after the gap would continue the value before it.
    const closes = inside && header !== undefined && header !== name;
    inside = header === undefined ? inside : header === name;
    if (!inside) {
      kept.push(closes ? line.trimStart() : line);
    }
  }
  return { text: kept.join(''), empty: headers.every((header) => header.name === name) };
}
