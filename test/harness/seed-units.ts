/** The unit files of the pages that people install from, letter by letter. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/** The text that a page shows as `cat PATH` in a console block, without the block's indentation. */
export function shown(page: string, path: string): string {
  const lines = readFileSync(join(FIXTURES, 'seeds', page), 'utf8').split('\n');
  const first = lines.findIndex((line) => line.trimEnd().endsWith(`$ cat ${path}`));
  if (first < 0) {
    throw new Error(`${page} does not show ${path}`);
  }
  const indent = (lines[first] as string).search(/\S/);
  const end = lines.findIndex((line, index) => index > first && line.trim() === '```');
  return `${lines
    .slice(first + 1, end)
    .map((line) => line.slice(indent))
    .join('\n')}\n`;
}

export function fixture(name: string): string {
  return readFileSync(join(FIXTURES, 'systemd', name), 'utf8');
}
