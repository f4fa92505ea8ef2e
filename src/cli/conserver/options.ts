/** Command line of conserver(8) (spec/conserver.md 7.3). */

import type { HostAccess } from '../../grammar/conserver/records.ts';
import { getopt, type OptionSpec } from '../../grammar/text/getopt.ts';
import { DEFAULTS } from './defaults.ts';

export interface ConserverOptions {
  readonly configFile: string;
  /** 0: serve; 1: check the configuration; 2: and show the consoles. */
  readonly check: 0 | 1 | 2;
  readonly address?: string;
  readonly port?: string;
  readonly basePort?: string;
  readonly passwdFile?: string;
  readonly logFile?: string;
  readonly unifiedLog?: string;
  readonly credentials?: string;
  /** Path of a control socket. */
  readonly control?: string;
  readonly defaultAccess?: HostAccess;
  /** Minutes. */
  readonly reinitCheck?: number;
  /** Consoles in a group; affects only the order of the tables. */
  readonly groupMembers?: number;
  readonly daemon: boolean;
  /** `-E`: encryption is not required. */
  readonly plain: boolean;
  readonly redirect: boolean;
  readonly verbose: boolean;
  readonly stripHigh: boolean;
  readonly noAutoReinit: boolean;
  readonly onDemand: boolean;
  readonly reinitOnConnect: boolean;
  readonly unloved: boolean;
}

export type ConserverCommand =
  | { readonly verb: 'serve'; readonly options: ConserverOptions }
  | { readonly verb: 'help' | 'version' }
  /** The problem, naming the word. */
  | { readonly verb: 'error'; readonly message: string };

const ACCESS: Readonly<Record<string, HostAccess>> = { r: 'rejected', a: 'allowed', t: 'trusted' };

const flag = (short: string): OptionSpec => ({ name: short, short, argument: 'none' });
const value = (short: string): OptionSpec => ({ name: short, short, argument: 'required' });
const SPECS: readonly OptionSpec[] = [
  ...[...'7dDEFhinoRSuvV'].map(flag),
  ...[...'abcCLmMOpPU'].map(value),
  { name: 'control', argument: 'required' },
];

export function parseConserver(words: readonly string[]): ConserverCommand {
  const { options: given, rest, error } = getopt(SPECS, words);
  if (error !== undefined) {
    return { verb: 'error', message: error };
  }
  const has = (name: string): boolean => given.some((option) => option.name === name);
  const last = (name: string): string | undefined => given.findLast((option) => option.name === name)?.value;
  if (has('h')) {
    return { verb: 'help' };
  }
  if (has('V')) {
    return { verb: 'version' };
  }
  if (rest.length > 0) {
    return { verb: 'error', message: `an argument too many: \`${rest[0]}'` };
  }
  const letter = last('a');
  const access = letter === undefined ? undefined : ACCESS[letter.charAt(0).toLowerCase()];
  if (letter !== undefined && access === undefined) {
    return { verb: 'error', message: `-a: unknown access type \`${letter}' (r, a or t)` };
  }
  const minutes = last('O');
  if (minutes !== undefined && !/^\d{1,6}$/.test(minutes)) {
    return { verb: 'error', message: `-O: \`${minutes}' is not a number of minutes` };
  }
  const members = last('m');
  if (members !== undefined && !/^[1-9]\d{0,5}$/.test(members)) {
    return { verb: 'error', message: `-m: \`${members}' is not a number of consoles` };
  }
  const texts = {
    ...{ address: last('M'), port: last('p'), basePort: last('b'), passwdFile: last('P') },
    ...{ logFile: last('L'), unifiedLog: last('U'), credentials: last('c'), control: last('control') },
  };
  const checks = given.filter(({ name }) => name === 'S').length;
  return {
    verb: 'serve',
    options: {
      configFile: last('C') ?? DEFAULTS.config,
      check: checks > 1 ? 2 : checks === 1 ? 1 : 0,
      ...(Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)) as Partial<
        Record<keyof typeof texts, string>
      >),
      ...(access && { defaultAccess: access }),
      ...(minutes !== undefined && { reinitCheck: Number(minutes) }),
      ...(members !== undefined && { groupMembers: Number(members) }),
      ...{ daemon: has('d'), plain: has('E'), redirect: !has('R'), verbose: has('v'), stripHigh: has('7') },
      ...{ noAutoReinit: has('F'), onDemand: has('i'), reinitOnConnect: has('o'), unloved: has('u') },
    },
  };
}
