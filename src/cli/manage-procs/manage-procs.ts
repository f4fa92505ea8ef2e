/** The command line of manage-procs (spec/procserv.md 11). */
import { getopt, type OptionSpec } from '../../grammar/text/getopt.ts';
import type { CommandLine, Words } from '../../model/command-line.ts';
import { didYouMean } from '../../model/nearest-word.ts';
import { addCommand } from './add.ts';
import { attachCommand } from './attach.ts';
import type { Call, Option, Subcommand } from './call.ts';
import { listCommand, logsCommand, restartCommand, startCommand, stopCommand } from './control.ts';
import { type Outside, Refused } from './outside.ts';
import { removeCommand } from './remove.ts';
import { scopeOf } from './scope.ts';
import { statusCommand } from './status.ts';
import { writeProcsCfCommand } from './write-procs-cf.ts';

export const SUBCOMMANDS: readonly Subcommand[] = [
  ...[statusCommand, listCommand, addCommand, removeCommand, startCommand, stopCommand, restartCommand],
  ...[attachCommand, logsCommand, writeProcsCfCommand],
];

const OPERANDS: Readonly<Record<string, readonly Words[]>> = {
  add: ['nothing', 'program', 'file'],
  remove: ['instance', 'nothing'],
  start: ['instance'],
  stop: ['instance'],
  restart: ['instance'],
  attach: ['instance', 'nothing'],
  logs: ['instance', 'nothing'],
};

const COMMON: readonly Option[] = [
  { name: 'user', argument: 'none', help: 'instances of this user [unless root]' },
  { name: 'system', argument: 'none', help: 'instances of the system [if root]' },
  { name: 'verbose', short: 'v', argument: 'none', help: 'say what is run; may be given again' },
  { name: 'help', short: 'h', argument: 'none', help: 'show this text' },
];

/** For completion and the man page. */
export const MANAGE_PROCS: CommandLine = {
  name: 'manage-procs',
  usage: ['[--user|--system] [-v]... COMMAND ...'],
  summary: 'keep the instances of procServ that systemd runs',
  help: 'An instance is a section of /etc/procServ.conf or /etc/procServ.d/*.conf, for a user of those in ~/.config.',
  options: COMMON,
  operands: ['command'],
  commands: SUBCOMMANDS.map(({ name, usage, help, options, operandsBeforeRest }) => ({
    name,
    usage: [usage],
    summary: help,
    options: [...options, ...COMMON.filter((common) => !options.some((own) => own.name === common.name))],
    operands: OPERANDS[name] ?? ['nothing'],
    ...(operandsBeforeRest === undefined ? {} : { lastOption: operandsBeforeRest }),
  })),
};

/** Exit status of a wrong command line, as with every program that uses Python's argparse. */
const USAGE_STATUS = 2;

/** Exit status. */
export function manageProcs(words: readonly string[], outside: Outside): number {
  try {
    return dispatch(words, outside);
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    outside.err(`manage-procs: ${error.message}\n`);
    return error.status;
  }
}

function dispatch(words: readonly string[], outside: Outside): number {
  const before = getopt(COMMON, words);
  if (before.error !== undefined) {
    throw new Refused(`${before.error}\n${usage()}`, USAGE_STATUS);
  }
  const [name, ...behind] = before.rest;
  const asked = before.options.some((option) => option.name === 'help');
  if (name === undefined || asked) {
    outside.out(helpText());
    return asked ? 0 : 1;
  }
  const command = SUBCOMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    const names = SUBCOMMANDS.map((one) => one.name);
    throw new Refused(`no subcommand '${name}'${didYouMean(name, names)}\n${usage()}`, USAGE_STATUS);
  }
  // `add --user` is the user that the instance runs as: options of the command come first, and what is common only
  // where the command has no option of that name.
  const own = new Set(command.options.map((option) => option.name));
  const specs = [...command.options, ...COMMON.filter((option) => !own.has(option.name))];
  const { options, operands, passedOn } = scan(specs, behind, command);
  if (options.some((option) => option.name === 'help')) {
    outside.out(subcommandHelp(command));
    return 0;
  }
  const [least, most] = command.operands;
  if (operands.length < least || operands.length > most) {
    const problem = operands.length < least ? 'too few arguments' : `unexpected argument '${operands[most]}'`;
    throw new Refused(`${name}: ${problem}\n${subcommandUsage(command)}`, USAGE_STATUS);
  }
  const shared = [...before.options, ...options.filter((option) => !own.has(option.name))];
  const flags = new Set(shared.map((option) => option.name));
  if (flags.has('user') && flags.has('system')) {
    throw new Refused(`--user and --system exclude each other\n${usage()}`, USAGE_STATUS);
  }
  const call: Call = {
    outside,
    scope: scopeOf(flags.has('user') ? '--user' : flags.has('system') ? '--system' : undefined, outside),
    verbose: shared.filter((option) => option.name === 'verbose').length,
    options: new Map(options.map((option) => [option.name, option.value ?? ''])),
    all: (wanted) => options.filter((option) => option.name === wanted).map(({ value }) => value ?? ''),
    words: operands,
  };
  // Users have fallen into that trap (procServ #46).
  const stray = passedOn.filter((word) => isOption(specs, word));
  if (stray.length > 0) {
    const last = operands[operands.length - passedOn.length - 1];
    const what = `option ${stray.join(' ')} behind ${last} is passed on`;
    outside.err(
      `manage-procs: ${name}: ${what}; options for manage-procs come before it, and -- says that none is meant\n`,
    );
  }
  return command.run(call);
}

function isOption(specs: readonly OptionSpec[], word: string): boolean {
  return specs.some(({ name, short }) => word === `-${short}` || word === `--${name}` || word.startsWith(`--${name}=`));
}

/**
 * Options may stand between and after the operands, up to the words that belong to the command. `passedOn`: those of
 * these words that no `--` marks as such.
 */
function scan(specs: readonly OptionSpec[], words: readonly string[], command: Subcommand) {
  const most = command.operandsBeforeRest ?? Number.POSITIVE_INFINITY;
  const options = [];
  const operands: string[] = [];
  let rest = words;
  for (;;) {
    const read = getopt(specs, rest);
    if (read.error !== undefined) {
      throw new Refused(`${command.name}: ${read.error}\n${subcommandUsage(command)}`, USAGE_STATUS);
    }
    options.push(...read.options);
    const closed = rest[rest.length - read.rest.length - 1] === '--';
    const [operand, ...behind] = read.rest;
    if (operand === undefined) {
      return { options, operands, passedOn: [] };
    }
    operands.push(operand);
    if (closed || operands.length === most) {
      return { options, operands: [...operands, ...behind], passedOn: closed ? [] : behind };
    }
    rest = behind;
  }
}

function usage(): string {
  return `usage: manage-procs [--user|--system] [-v]... {${SUBCOMMANDS.map(({ name }) => name).join(',')}} ...`;
}

function subcommandUsage({ name, options, usage }: Subcommand): string {
  return ['usage: manage-procs', name, ...(options.length > 0 ? ['[OPTION]...'] : []), usage].join(' ').trimEnd();
}

export function helpText(): string {
  const lines = SUBCOMMANDS.map(({ name, help }) => `  ${name.padEnd(16)} ${help}\n`).join('');
  return `${usage()}\nKeeps the instances of procServ that systemd runs.\n\n${lines}\n${optionLines(COMMON)}`;
}

function subcommandHelp(command: Subcommand): string {
  const { help, options } = command;
  return `${subcommandUsage(command)}\n${help[0]?.toUpperCase()}${help.slice(1)}.\n\n${optionLines(options)}`;
}

function optionLines(options: readonly Option[]): string {
  return options
    .map(({ name, short, value, help }) => {
      const words = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
      return `  ${words.padEnd(30)} ${help}\n`;
    })
    .join('');
}
