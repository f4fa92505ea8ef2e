import { readFileSync } from 'node:fs';
import { parseScript, ScriptError, type Statement } from '../../grammar/isis/script.ts';
import type { IsisServerAddress } from '../../grammar/isis/servers.ts';
import type { CommandLine } from '../../model/command-line.ts';
import { systemText } from '../../platform/system-text.ts';
import { systemClock } from '../../platform/time/clock.ts';
import { pause } from '../../platform/time/pause.ts';
import {
  type CommandEnd,
  CYAN,
  INSTRUMENT_OPTIONS,
  INSTRUMENTS,
  type IsisCmdProgram,
  instrumentOf,
  isisOptionLines,
  PLAIN,
  parseWords,
  RED,
  sendOnce,
  serverAddress,
} from './isis-cmd.ts';

export const EXEC_ISIS: CommandLine = {
  name: 'execISIS',
  usage: ['[--mods1|--mods2|-m N] [options] FILE'],
  summary: 'run a script of commands to the hosts of an ISIS server',
  help: 'FILE has one command a line; docs/guide/isis.md tells what else it may say. The server is found as isisCmd finds it.',
  options: [
    ...INSTRUMENT_OPTIONS,
    { name: 'dryrun', short: 'n', help: 'print what would be sent; wait for nothing' },
    { name: 'runfrom', short: 'r', value: 'N', help: 'begin at statement N (from 1)' },
    { name: 'unattended', short: 'u', help: 'end at the first failure instead of asking' },
    { name: 'help', help: 'this text' },
  ],
  operands: ['file', 'nothing'],
};

const USAGE = `
Usage: execISIS ${EXEC_ISIS.usage[0]}

where:
${isisOptionLines(EXEC_ISIS)}`;
const OPTIONS = {
  ...INSTRUMENTS,
  dryrun: { short: 'n' },
  runfrom: { short: 'r', value: 'number' },
  unattended: { short: 'u' },
  help: {},
} as const;
const SECONDS_PER_COMMAND = 120;
const BELL = '\u0007';

interface Run {
  readonly program: IsisCmdProgram;
  readonly instrument: string;
  readonly server: IsisServerAddress;
  readonly dry: boolean;
  readonly unattended: boolean;
  /** Created with the first question, so that stdin is left alone if there is none. */
  answers?: Answers;
}

function ask(run: Run, question: string): Promise<string> {
  run.answers ??= new Answers();
  return run.answers.ask(question, run.program.print);
}

type Outcome = 'next' | 'end' | { readonly exit: number } | { readonly goto: number };

/** Lines of stdin, one per question: input piped or typed ahead answers the next question. */
class Answers {
  readonly #chunks = process.stdin[Symbol.asyncIterator]();
  #rest = '';

  async ask(question: string, print: (text: string) => void): Promise<string> {
    print(question);
    while (!this.#rest.includes('\n')) {
      const { value, done } = await this.#chunks.next();
      if (done) {
        // Nobody can be asked: abort.
        print('\n');
        return 'A';
      }
      this.#rest += String(value);
    }
    const end = this.#rest.indexOf('\n');
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line.trim().toUpperCase();
  }
}

function failureOf(end: CommandEnd, command: string): string {
  switch (end.end) {
    case 'timeout':
      return `ERROR: Command '${command}' timed out after ${SECONDS_PER_COMMAND} seconds`;
    case 'unsent':
      return `ERROR: not sent: ${end.reason}`;
    default:
      return end.body;
  }
}

/** Sends until it succeeds, is ignored or is given up. */
async function send(run: Run, host: string, command: string): Promise<Outcome> {
  const { print } = run.program;
  for (;;) {
    const end = await sendOnce({
      server: run.server,
      id: `ISS${run.instrument}`,
      host,
      command,
      timeout: SECONDS_PER_COMMAND,
      interim: (body) => print(`\u001b[2K${body}\r`),
    });
    if (end.end === 'done') {
      print(`${CYAN}${end.body}\n${PLAIN}`);
      return 'next';
    }
    const reason = failureOf(end, command);
    print(`${RED}${BELL}*** ${reason}\n${PLAIN}`);
    const answer = run.unattended ? 'A' : await ask(run, 'Abort, Retry, or Ignore? ');
    if (answer.startsWith('I')) {
      return 'next';
    }
    if (!answer.startsWith('R')) {
      return { exit: 2 };
    }
  }
}

async function execute(run: Run, statement: Statement, index: number, left: Map<number, number>): Promise<Outcome> {
  const { print } = run.program;
  switch (statement.kind) {
    case 'print':
      print(`${CYAN}${statement.message}\n${PLAIN}`);
      return 'next';
    case 'sleep':
      if (!run.dry) {
        await pause(systemClock, statement.seconds * 1000);
      }
      return 'next';
    case 'pause': {
      const answer = run.dry ? '' : await ask(run, 'Paused: Enter resumes, X or A aborts ');
      return /^[XA]/.test(answer) ? { exit: 1 } : 'next';
    }
    case 'send':
      print(`>${statement.text}\n`);
      return run.dry ? 'next' : send(run, statement.host, statement.command);
    case 'goto':
      return { goto: statement.target };
    case 'loop':
      // Each time it is entered, by falling or jumping into it, it starts counting again.
      left.set(index, statement.count);
      return 'next';
    case 'end_loop': {
      const more = (left.get(statement.start) ?? 1) - 1;
      left.set(statement.start, more);
      return more > 0 ? { goto: statement.start + 1 } : 'next';
    }
    case 'end':
      return 'end';
    case 'label':
      return 'next';
  }
}

/** Resolves with the exit code: 0 done, 1 script or usage, 2 a command failed or no instrument (spec/isis.md 13). */
export async function runExecIsis(program: IsisCmdProgram): Promise<number> {
  const { print } = program;
  const parsed = parseWords('execISIS', OPTIONS, program);
  if (!parsed) {
    return 1;
  }
  const { options, words } = parsed;
  const [file, more] = words;
  if (options.has('help') || file === undefined || more !== undefined) {
    print(USAGE);
    return options.has('help') ? 0 : 1;
  }
  const instrument = instrumentOf('execISIS', options, program);
  if (instrument === undefined) {
    return 2;
  }
  let script: Statement[];
  try {
    script = parseScript(readFileSync(file, 'latin1'));
  } catch (error) {
    const where = error instanceof ScriptError && error.line > 0 ? `${file}:${error.line}` : file;
    const reason = error instanceof ScriptError ? error.message : systemText(error);
    print(`${RED}*** ERROR: ${where}: ${reason}\n${PLAIN}`);
    return 1;
  }
  const from = options.get('runfrom') ?? 1;
  if (from < 1 || from > script.length) {
    print(`${RED}*** ERROR: ${file}: -r wants 1 to ${script.length}, not ${from}\n${PLAIN}`);
    return 1;
  }
  const server = serverAddress(instrument, program.env);
  if (typeof server === 'string') {
    print(`${RED}*** ERROR: ${server}\n${PLAIN}`);
    return 2;
  }
  print(`** Executing ${file}\n`);
  const run: Run = { program, instrument, server, dry: options.has('dryrun'), unattended: options.has('unattended') };
  const left = new Map<number, number>();
  const jumps = new Set<string>();
  for (let index = from - 1; index < script.length; ) {
    const statement = script[index] as Statement;
    const outcome = await execute(run, statement, index, left);
    if (outcome === 'end') {
      break;
    }
    if (run.dry && statement.kind === 'goto') {
      // Scripts have no conditions: repeating a jump with the same loop counters means an endless loop.
      const jump = `${index} ${[...left]}`;
      if (jumps.has(jump)) {
        print('** and so on, forever\n');
        break;
      }
      jumps.add(jump);
    }
    if (typeof outcome === 'object' && 'exit' in outcome) {
      return outcome.exit;
    }
    index = outcome === 'next' ? index + 1 : outcome.goto;
  }
  return 0;
}
