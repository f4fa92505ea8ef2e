/** A page whose console blocks are true: every command is run, and what it prints is held against what the page shows. */
import { stripVTControlCharacters } from 'node:util';

/**
 * Said in a comment before a block, as `<!-- NAME: TEXT -->`:
 * - `not run`: why the block cannot be run in a test;
 * - `run`: shell that runs before it, for what the page asks for in words;
 * - `file`: the path that the block is written to;
 * - `terminal`: which terminal its commands are typed in; the one of a user if the name is that of one;
 * - `typed`: what is typed into its last command, such as `"dbl^M" after "epics>" "^X"`, as soon as the terminal does not echo any
 *   more; `echoed "quit^M"`, at once.
 */
const MARKS = ['not run', 'run', 'file', 'terminal', 'typed'] as const;
export type Mark = (typeof MARKS)[number];

export interface Block {
  readonly language: string;
  /** Without the indentation that the fence has. */
  readonly text: string;
  readonly marks: ReadonlyMap<Mark, string>;
}

export interface Step {
  /** `#`: root; `$`: somebody else. */
  readonly prompt: '#' | '$';
  /** Empty: what follows is typed into the program that the last step left running. */
  readonly command: string;
  readonly shown: readonly string[];
}

/** Keys, and the text that has to be on the screen before they are typed. */
export interface Typed {
  readonly keys: string;
  readonly after: string;
  /** Whether the terminal itself shows them. */
  readonly echoed: boolean;
}

/** Stands for any number of lines. */
const CUT = '...';
const FENCED = /((?:^ *<!--[^`]*?-->\n+)*)^( *)```(\w*)\n([\s\S]*?)^\2```$/gm;

/** The part of the page between `<!-- world:begin -->` and `<!-- world:end -->`. */
export function worldOf(page: string): string {
  return /<!-- world:begin -->([\s\S]*)<!-- world:end -->/.exec(page)?.[1] ?? '';
}

export function blocksOf(page: string): Block[] {
  return [...page.matchAll(FENCED)].map(([, comments = '', indent = '', language = '', text = '']) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    marks: new Map([...comments.matchAll(/<!-- ([\w ]+): ([\s\S]*?) -->/g)].map(markOf)),
  }));
}

function markOf([comment, name, text]: RegExpExecArray): [Mark, string] {
  const mark = MARKS.find((each) => each === name);
  if (!mark) {
    throw new Error(`${comment}: there is no such mark, but ${MARKS.join(', ')}`);
  }
  return [mark, text as string];
}

/** The commands of a block, in order. Lines behind `> `, or behind a line that ends with a backslash, go on with one. */
export function stepsOf({ text }: Block, prompts: readonly Step['prompt'][] = ['#', '$']): Step[] {
  const steps: { prompt: Step['prompt']; command: string; shown: string[] }[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const step = steps.at(-1);
    const begun = step?.shown.length === 0;
    const prompt = prompts.find((each) => line.startsWith(`${each} `));
    if (prompt) {
      steps.push({ prompt, command: line.slice(2), shown: [] });
    } else if (step && begun && (line.startsWith('> ') || line === '>')) {
      step.command += `\n${line.slice(2)}`;
    } else if (step && begun && step.command.endsWith('\\')) {
      step.command += `\n${line}`;
    } else if (step) {
      step.shown.push(line);
    } else {
      steps.push({ prompt: '$', command: '', shown: [line] });
    }
  }
  return steps;
}

/** Keys are written as procServ writes them: `^X`, `^M` for Return, `^]`. */
export function typedOf(text: string): Typed[] {
  return [...text.matchAll(/(echoed )?"([^"]*)"(?: after "([^"]*)")?/g)].map(([, echoed, keys = '', after = '']) => ({
    keys: keys.replaceAll(/\^([@-_])/g, (_, key: string) => String.fromCharCode(key.charCodeAt(0) & 0x1f)),
    after,
    echoed: echoed !== undefined,
  }));
}

/** Lines of `systemctl status` that depend on the kernel's accounting and on the version of systemd. */
const ELSEWHERE = /^\s*(Tasks|Memory|CPU|IO|IP|Invocation): /;
/** What `examples/sim-ioc` says every ten seconds, at any moment, and its next prompt. */
const HEARTBEAT = /\r*[\w-]+:Pressure \S+ mbar {2}up \d+ s\r*\n(\[[^\]]*\] )?epics> ?/g;

function linesOf(text: string): string[] {
  return text
    .replaceAll(HEARTBEAT, '')
    .split('\n')
    .filter((line) => !ELSEWHERE.test(line));
}

/** The first line of the page that the output does not have in its place; undefined if it has all. */
export function untrue(shown: readonly string[], printed: string): string | undefined {
  const lines = linesOf(printed).map(plain);
  let at = 0;
  let free = false;
  for (const line of linesOf(shown.join('\n'))) {
    if (line.trim() === CUT) {
      free = true;
      continue;
    }
    const found = free ? lines.indexOf(plain(line), at) : at;
    if ((lines[found] ?? '') !== plain(line)) {
      return line;
    }
    at = found + 1;
    free = false;
  }
  return free || lines.slice(at).every((line) => line === '') ? undefined : `(the end; but there is: ${lines[at]})`;
}

/** What differs from run to run is made the same: numbers with their units, dates, folders of mktemp, widths of columns. */
function plain(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/[─\s]+/g, ' ')
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) /g, '')
    .replace(/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) /g, '')
    .replace(/\/tmp\/holdfast-\w{6}\b/g, '/tmp/holdfast')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '0')
    .replace(/\d+(\.\d+)?((ms|min|us|[BKMGsmhd])\d*)*\b/g, '0')
    .replace(/\b0\/h 0\b/g, '0')
    .replace(/(0 )+0/g, '0')
    .trim();
}
