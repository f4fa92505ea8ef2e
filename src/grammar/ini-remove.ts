/** Taking a section out of an INI file, with everything else left as it was typed. Pure. */
import { parseIni } from './ini.ts';

export interface Removed {
  /** The file without the section. */
  readonly text: string;
  /** Whether nothing is left that says anything. */
  readonly empty: boolean;
}

/** Undefined if this file does not have the section. */
export function removeSection(text: string, name: string): Removed | undefined {
  const lines = text.split(/(?<=\r\n|\r(?!\n)|\n)/);
  const kept: string[] = [];
  let found = false;
  let inside = false;
  let said = false;
  for (const [index, line] of lines.entries()) {
    const header = /^\s*\[(.+)\]/.exec(line)?.[1];
    if (header !== undefined && isHeader(lines.slice(0, index + 1).join(''), index + 1, header)) {
      inside = header === name;
      found ||= inside;
      said ||= !inside;
    }
    if (!inside) {
      kept.push(line);
    }
  }
  return found ? { text: kept.join(''), empty: !said } : undefined;
}

/** An indented `[x]` may be the next line of a value: whether a section was opened here, the reader has to say. */
function isHeader(upToHere: string, line: number, name: string): boolean {
  if (!/^[ \t]/.test(upToHere.split(/\r\n|\r|\n/)[line - 1] ?? '')) {
    return true;
  }
  const { sections } = parseIni([{ file: '', text: upToHere }]);
  return sections.get(name)?.place.line === line;
}
