import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parseScript, ScriptError, type Statement } from '../grammar/isis-script.ts';
import type { IsisServerAddress } from '../grammar/isis-servers.ts';
import { systemText } from '../platform/system-text.ts';
import {
  type CommandEnd,
  CYAN,
  type IsisCmdProgram,
  instrumentOf,
  NO_INSTRUMENT,
  PLAIN,
  RED,
  sendOnce,
  serverAddress,
} from './isis-cmd.ts';

const USAGE = `
Usage: execISIS [--mods1|--mods2|-m N] [options] FILE

where:
  -n, --dryrun        print what would be sent
  -r, --runfrom N     begin at statement N (from 1)
  -u, --unattended    end at the first failure instead of asking
`;
const SECONDS_PER_COMMAND = 120;
const BELL = '\u0007';

interface Run {
  readonly program: IsisCmdProgram;
  readonly instrument: string;
  readonly server: IsisServerAddress;
  readonly dry: boolean;
  readonly unattended: boolean;
}

type Outcome = 'next' | 'end' | { readonly exit: number } | { readonly goto: number };

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // At the end of input nobody is there to decide: abort.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('A')));
    return (await Promise.race([lines.question(question), closed])).trim().toUpperCase();
  } finally {
    lines.close();
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

/** Sends until it worked, was ignored or given up. */
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
    const answer = run.unattended ? 'A' : await ask('Abort, Retry, or Ignore? ');
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
      print(`${statement.message}\n`);
      return 'next';
    case 'sleep':
      await (run.dry ? undefined : delay(statement.seconds * 1000));
      return 'next';
    case 'pause': {
      const answer = run.dry ? '' : await ask('Paused: Enter resumes, X or A aborts ');
      return /^[XA]/.test(answer) ? { exit: 1 } : 'next';
    }
    case 'send':
      return run.dry ? 'next' : send(run, statement.host, statement.command);
    case 'goto':
      return run.dry ? 'next' : { goto: statement.target };
    case 'loop':
      // Entered anew, by falling or jumping into it, it counts anew.
      left.set(index, statement.count);
      return 'next';
    case 'end_loop': {
      const more = (left.get(statement.start) ?? 1) - 1;
      left.set(statement.start, more);
      return more > 0 && !run.dry ? { goto: statement.start + 1 } : 'next';
    }
    case 'end':
      return 'end';
    case 'label':
      return 'next';
  }
}

/** Section 13. Resolves with the exit code: 0 done, 1 script or usage, 2 a command failed or no instrument. */
export async function runExecIsis(program: IsisCmdProgram): Promise<number> {
  const { print } = program;
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(program.words);
  } catch (error) {
    print(`${RED}*** ERROR: ${error instanceof Error ? error.message : String(error)}\n${PLAIN}${USAGE}`);
    return 1;
  }
  const { values, positionals } = parsed;
  const file = positionals[0];
  if (values.help || file === undefined) {
    print(USAGE);
    return values.help ? 0 : 1;
  }
  const given = values.mods ?? (values.mods1 ? '1' : values.mods2 ? '2' : undefined);
  const instrument = instrumentOf(given, program.hostName);
  if (instrument !== '1' && instrument !== '2') {
    print(
      instrument === undefined ? NO_INSTRUMENT : `${RED}** ERROR: Instrument '${instrument}' must be 1 or 2.\n${PLAIN}`,
    );
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
  const from = Number(values.runfrom ?? 1);
  if (!Number.isInteger(from) || from < 1 || from > script.length) {
    print(`${RED}*** ERROR: ${file}: -r wants 1 to ${script.length}, not '${values.runfrom}'\n${PLAIN}`);
    return 1;
  }
  const server = serverAddress(instrument, program.env);
  if (typeof server === 'string') {
    print(`${RED}*** ERROR: ${server}\n${PLAIN}`);
    return 2;
  }
  print(`** Executing ${file}\n`);
  const run = { program, instrument, server, dry: values.dryrun ?? false, unattended: values.unattended ?? false };
  const left = new Map<number, number>();
  for (let index = from - 1; index < script.length; ) {
    const statement = script[index] as Statement;
    print(`>${statement.text}\n`);
    const outcome = await execute(run, statement, index, left);
    if (outcome === 'end') {
      break;
    }
    if (typeof outcome === 'object' && 'exit' in outcome) {
      return outcome.exit;
    }
    index = outcome === 'next' ? index + 1 : outcome.goto;
  }
  return 0;
}

function parse(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      mods: { type: 'string', short: 'm' },
      mods1: { type: 'boolean' },
      mods2: { type: 'boolean' },
      dryrun: { type: 'boolean', short: 'n' },
      runfrom: { type: 'string', short: 'r' },
      unattended: { type: 'boolean', short: 'u' },
      help: { type: 'boolean' },
    },
  });
}
