/** The console blocks of a page: their commands, and the comparison of the actual output with what the page shows. */
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

/**
 * Instructions in comments before a block, `<!-- NAME: TEXT -->`: - `not run`: why the block cannot be run in a test; -
 * `run`: shell script that runs before it, for steps that the page describes in prose; - `file`: path of the file that
 * the block is written to; - `terminal`: name of the terminal that its commands are typed in; the name of a user gives
 * a terminal of that user; - `typed`: keys for its last command, such as `"dbl^M" after "epics>" "^X"`, typed once the
 * program has switched echo off;   `echoed "quit^M"` is typed at once.
 */
const MARKS = ['not run', 'run', 'file', 'terminal', 'typed'] as const;
export type Mark = (typeof MARKS)[number];

export interface Block {
  readonly language: string;
  /** Without the indentation of the fence. */
  readonly text: string;
  readonly marks: ReadonlyMap<Mark, string>;
}

export interface Step {
  /** `#`: root; `$`: another user. */
  readonly prompt: '#' | '$';
  /** Empty: the block continues with the program that the last step left running. */
  readonly command: string;
  readonly shown: readonly string[];
}

/** Keys, and the text that has to appear before they are typed. */
export interface Typed {
  readonly keys: string;
  readonly after: string;
  /** Whether the terminal echoes them. */
  readonly echoed: boolean;
}

/** Any number of lines. */
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

/** The commands of a block, in order. A line after `> `, or after a line that ends with a backslash, continues a command. */
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

/** Keys are in procServ's notation: `^X`, `^M` for Return, `^]`. */
export function typedOf(text: string): Typed[] {
  return [...text.matchAll(/(echoed )?"([^"]*)"(?: after "([^"]*)")?/g)].map(([, echoed, keys = '', after = '']) => ({
    keys: keys.replaceAll(/\^([@-_])/g, (_, key: string) => String.fromCharCode(key.charCodeAt(0) & 0x1f)),
    after,
    echoed: echoed !== undefined,
  }));
}

/** Lines of `systemctl status` that depend on the kernel's accounting and on the version of systemd. */
const ELSEWHERE = /^\s*(Tasks|Memory|CPU|IO|IP|Invocation): /;
/** The line that `examples/sim-ioc` prints every ten seconds, at any moment, and its next prompt. */
const HEARTBEAT = /\r*[\w-]+:Pressure \S+ mbar {2}up \d+ s\r*\n(\[[^\]]*\] )?epics> ?/g;

/**
 * What `LiveLines` and `Io.progress` have drawn in their place, and removed again; the latter at the beginning of a line: tried at each
 * letter it takes seconds of a flood.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is matched
const LIVE = [/\x1b\[\?7l.*?\x1b\[\?7h|\x1b\[\d+A\r\x1b\[J/gs, /(?<![^\n])[^\n]*\r\x1b\[K/g] as const;

function linesOf(text: string): string[] {
  return text
    .replaceAll(LIVE[0], '')
    .replaceAll(LIVE[1], '')
    .replaceAll(HEARTBEAT, '')
    .split('\n')
    .filter((line) => !ELSEWHERE.test(line));
}

/** The first line of the page that is missing from the output in its place; undefined if all lines match. */
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

/** Between looks: each costs a tenth of a second of the processor. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 1000;

/** Looks until what is printed is what the page shows, and at least once; returns the last look, and what `untrue` says of it. */
export async function lookUntilTrue(
  shown: readonly string[],
  patienceMs: number,
  look: () => Promise<string>,
): Promise<{ readonly printed: string; readonly line: string | undefined }> {
  const limit = performance.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const printed = await look();
    const line = untrue(shown, printed);
    if (line === undefined || performance.now() + pauseMs > limit) {
      return { printed, line };
    }
    await pause(pauseMs);
  }
}

/** A number with its units; kept are those of statuses, signals and names such as `vac-01`. */
const NUMBER =
  /((?<=^ ?)\d{1,3}(?= ?$)|\b(?:signal|status|status =|code:?) \d+|[A-Za-z]-\d+)|\d+(?:\.\d+)?(?:(?:ms|min|us|[BKMGsmhd])\d*)*\b/g;

/** Normalizes text that differs from run to run: numbers with their units, dates, folders of mktemp, column widths. */
function plain(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/[─\s]+/g, ' ')
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) /g, '')
    .replace(/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) /g, '')
    .replace(/\/tmp\/holdfast-(?:demo-)?\w{6}\b/g, '/tmp/holdfast')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '0')
    .replace(NUMBER, (number, kept: string | undefined) => (kept === undefined ? '0' : number))
    .replace(/\b0\/h 0\b/g, '0')
    .replace(/(0 )+0/g, '0')
    .trim();
}
