/** Which server a command line means: one on this machine, or a host at the other end of the network. */
import { canBeFar, HOST, SOCKET, text } from './command/arguments.ts';
import type { Arguments, Command, Hosts, Values } from './command/command.ts';
import { UsageError } from './command/exit-codes.ts';

export interface Target {
  /** Absent: this machine. */
  readonly host?: string;
  readonly words: readonly string[];
}

const LEADING = [SOCKET, HOST];

/** Those of the common options that have a value, before the command. */
export function leadingOptions(words: readonly string[]): readonly [given: Values, rest: readonly string[]] {
  const given: Record<string, string> = {};
  let rest = words;
  for (;;) {
    const [first = '', second, ...others] = rest;
    const [word, ...value] = first.split('=');
    const option = LEADING.find(({ name }) => word === `--${name}`);
    if (option === undefined) {
      return [given, rest];
    }
    if (value.length > 0) {
      given[option.name] = value.join('=');
      rest = rest.slice(1);
    } else if (second === undefined) {
      throw new UsageError(`--${option.name} has no value: it is --${option.name} ${option.value}`);
    } else {
      given[option.name] = second;
      rest = others;
    }
  }
}

/** From the command line, otherwise the environment; `HOST/NAME` as an operand is a console there. */
export async function targetOf(
  command: Command,
  leading: string | undefined,
  { values, words }: Arguments,
  env: Readonly<Record<string, string | undefined>>,
  hosts: () => Promise<Hosts>,
): Promise<Target> {
  const own = command.options.some(({ name }) => name === 'host');
  const named = leading ?? (own ? undefined : text(values, 'host'));
  if (named !== undefined && !canBeFar(command)) {
    throw new UsageError(`${command.name}: this is about this machine, and cannot be done at ${named}`);
  }
  if (named !== undefined && values.socket !== undefined) {
    throw new UsageError('--host or --socket, not both');
  }
  if (named !== undefined || !canBeFar(command) || values.socket !== undefined) {
    return { words, ...(named === undefined ? {} : { host: named }) };
  }
  const names = command.lastIsText ? words.slice(0, -1) : words;
  const there = command.completes === 'console' ? await ofWords(names, hosts) : undefined;
  const prefixed = there && { ...there, words: [...there.words, ...words.slice(names.length)] };
  const usual = env.HOLDFAST_HOST ? { host: env.HOLDFAST_HOST } : {};
  return prefixed ?? { words, ...usual };
}

/** No console of ours has a slash in its name; those of a conserver.cf may. */
async function ofWords(words: readonly string[], hosts: () => Promise<Hosts>): Promise<Target | undefined> {
  const parts = words.map((word) => /^([^/]+)\/(.+)$/.exec(word));
  const named = new Set(parts.flatMap((part) => part?.[1] ?? []));
  const [host] = named;
  if (host === undefined || (await hosts()).find(host) === undefined) {
    return undefined;
  }
  if (named.size > 1 || parts.includes(null)) {
    throw new UsageError(`${words.join(' ')}: one host at a time`);
  }
  return { host, words: words.map((word, at) => parts[at]?.[2] ?? word) };
}
