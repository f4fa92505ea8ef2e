/** Reads the words after a command by its record. Options may stand before, between and after operands; `--` ends them. */
import { parseArgs } from 'node:util';
import type { Arguments, Command, CommandOption } from './command.ts';
import { UsageError } from './exit-codes.ts';

const HELP: CommandOption = { name: 'help', short: 'h', help: 'show this help' };

export const SOCKET: CommandOption = {
  name: 'socket',
  value: 'PATH',
  help: 'control socket of the server [$HOLDFAST_SOCKET, or that of this user]',
};
/** Options of every command that asks a server. */
export const COMMON: readonly CommandOption[] = [HELP, SOCKET];
/** Of those that can be done at another host, too. */
export const HOST: CommandOption = {
  name: 'host',
  value: 'HOST',
  help: "at this host, after 'holdfast login' [$HOLDFAST_HOST]",
};

/** Of the program itself. */
export const PROGRAM_OPTIONS: readonly CommandOption[] = [
  HELP,
  { name: 'version', short: 'V', help: 'show the versions of this program, of the server and of the holder' },
  SOCKET,
  HOST,
];

/** All options of a command. */
export function optionsOf(command: Command): readonly CommandOption[] {
  const { options, local, raw } = command;
  const host = canBeFar(command) && !raw && !options.some(({ name }) => name === HOST.name) ? [HOST] : [];
  return [...options, ...(local || raw ? [HELP] : COMMON), ...host];
}

/** Commands that parse their own words take `--host` before their name. */
export function canBeFar({ here, local }: Command): boolean {
  return !(here || local);
}

/** Node's message about a value that begins with a dash, and ours. */
const AMBIGUOUS = /^Option ('[^']*') argument is ambiguous.* use ('[^']*').*/s;
const DASH = 'option $1 has no value; one that begins with a dash is written $2';

/** As the help shows it. */
export function usageOf({ name, usage }: Command): string {
  return ['holdfast', name, usage].filter((part) => part !== '').join(' ');
}

export function parseArguments(command: Command, words: readonly string[]): Arguments {
  if (command.raw) {
    return { values: {}, words };
  }
  const options = Object.fromEntries(
    optionsOf(command).map(({ name, short, value }) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short ? { short } : {}) },
    ]),
  );
  const { values, positionals } = parse([...words], options, command.name);
  const given = values as Record<string, string | true | undefined>;
  const [least, most] = command.operands;
  if (!given.help && (positionals.length < least || positionals.length > most)) {
    const problem = positionals.length < least ? 'something is missing' : `'${positionals[most]}' is one word too many`;
    throw new UsageError(`${command.name}: ${problem}; usage: ${usageOf(command)}`);
  }
  return { values: { ...given }, words: positionals };
}

function parse(args: string[], options: Record<string, { type: 'boolean' | 'string'; short?: string }>, name: string) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node adds advice about '--' after the first sentence; the first sentence is what a user needs.
    const [sentence = ''] = (error as Error).message.replace(AMBIGUOUS, DASH).split(/\.(?:\s|$)/);
    throw new UsageError(
      `${name}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}; try 'holdfast help ${name}'`,
    );
  }
}

/** An option's text, or undefined. */
export function text(values: Arguments['values'], name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** A whole number from an option. */
export function whole(values: Arguments['values'], name: string): number | undefined {
  const value = text(values, name);
  if (value !== undefined && !/^\d{1,9}$/.test(value)) {
    throw new UsageError(`--${name}: '${value}' is not a whole number`);
  }
  return value === undefined ? undefined : Number(value);
}
