import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BIOME = join(import.meta.dirname, '../../node_modules/.bin/biome');

/**
 * Replaces the text between `<!-- NAME:begin -->` and `<!-- NAME:end -->` in a Markdown file, formatted as `npm run
 * lint` requires.
 */
export function writeFigures(path: string, name: string, figures: string): void {
  const text = readFileSync(path, 'utf8');
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`bench: ${path} has no section ${begin} ... ${end}`);
  }
  writeFileSync(path, `${text.slice(0, from + begin.length)}\n${figures.trim()}\n${text.slice(to)}`);
  execFileSync(BIOME, ['format', '--write', path], { stdio: 'ignore' });
}
