import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` in a Markdown file. */
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
}
