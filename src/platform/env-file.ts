/** Files of environment variables, as `EnvironmentFile=` of systemd and `. ./file` of a shell have them. */
import { readFileSync } from 'node:fs';

/** The variables of a file in its order; none if it is `optional` and not there. Errors name file and line. */
export function readEnvFile(path: string, optional: boolean): [name: string, value: string][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (optional && (error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw new Error(`environment file ${path}: ${(error as Error).message}`);
  }
  return parseEnvFile(text, path);
}

const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

/** `NAME=VALUE` lines; `#` and `;` begin comments, quotes are taken off, a backslash at the end joins lines. Nothing is expanded. */
export function parseEnvFile(text: string, path: string): [name: string, value: string][] {
  const variables: [string, string][] = [];
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const first = index + 1;
    let line = (lines[index] as string).trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) {
      continue;
    }
    while (/(^|[^\\])(\\\\)*\\$/.test(line) && index + 1 < lines.length) {
      index++;
      line = `${line.slice(0, -1)}${(lines[index] as string).trim()}`;
    }
    const [, name, value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new Error(`environment file ${path}:${first}: expected NAME=VALUE, not '${line.slice(0, 40)}'`);
    }
    if (value.includes('\0')) {
      throw new Error(`environment file ${path}:${first}: ${name} has a NUL byte in it`);
    }
    variables.push([name, unquoted(value, `${path}:${first}`)]);
  }
  return variables;
}

const PIECE = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)/gy;

function unquoted(value: string, place: string): string {
  let text = '';
  let end = 0;
  for (const match of value.matchAll(PIECE)) {
    const [whole, literal, quoted, escaped, plain] = match;
    text += literal ?? quoted?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '';
    end = match.index + whole.length;
  }
  if (end < value.length) {
    throw new Error(`environment file ${place}: a quote is not closed`);
  }
  return text;
}
