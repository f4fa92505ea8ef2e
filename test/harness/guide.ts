/** A page whose console blocks are true: every command is run, and what it prints is held against what the page shows. */
import { stripVTControlCharacters } from 'node:util';

export interface Step {
  /** `#`: root; `$`: somebody else. */
  readonly prompt: '#' | '$';
  readonly command: string;
  readonly shown: readonly string[];
}

/** Stands for any number of lines. */
const CUT = '...';

/** The commands of the page between `<!-- world:begin -->` and `<!-- world:end -->`, in order. Lines behind `> ` go on with one. */
export function stepsOf(page: string): Step[] {
  const part = /<!-- world:begin -->([\s\S]*)<!-- world:end -->/.exec(page)?.[1] ?? '';
  const steps: { prompt: '#' | '$'; command: string; shown: string[] }[] = [];
  for (const [, block = ''] of part.matchAll(/^```console\n([\s\S]*?)^```$/gm)) {
    for (const line of block.trimEnd().split('\n')) {
      const step = steps.at(-1);
      if (/^[#$] /.test(line)) {
        steps.push({ prompt: line[0] as '#' | '$', command: line.slice(2), shown: [] });
      } else if (line.startsWith('> ') || line === '>') {
        (step as { command: string }).command += `\n${line.slice(2)}`;
      } else {
        step?.shown.push(line);
      }
    }
  }
  return steps;
}

/** Lines of `systemctl status` that depend on the kernel's accounting and on the version of systemd. */
const ELSEWHERE = /^\s*(Tasks|Memory|CPU|IO|IP|Invocation): /;

/** The first line of the page that the output does not have in its place; undefined if it has all. */
export function untrue(shown: readonly string[], printed: string): string | undefined {
  const lines = printed
    .split('\n')
    .filter((line) => !ELSEWHERE.test(line))
    .map(plain);
  let at = 0;
  let free = false;
  for (const line of shown.filter((each) => !ELSEWHERE.test(each))) {
    if (line.trim() === CUT) {
      free = true;
      continue;
    }
    const found = free ? lines.indexOf(plain(line), at) : at;
    if (lines[found] !== plain(line)) {
      return line;
    }
    at = found + 1;
    free = false;
  }
  return free || lines.slice(at).every((line) => line === '') ? undefined : `(the end; but there is: ${lines[at]})`;
}

/** What differs from run to run is made the same: numbers with their units, dates, widths of columns. */
function plain(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) /g, '')
    .replace(/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) /g, '')
    .replace(/\d+(\.\d+)?(ms|min|us|[BKMGsmhd])?\b/g, '0')
    .replace(/(0 )+0/g, '0')
    .replace(/[─\s]+/g, ' ')
    .trim();
}
