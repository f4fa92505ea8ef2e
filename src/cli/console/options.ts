/** The command line of console(1) (spec/conserver.md 5.1): getopt(3) with permutation, the last mode wins. */
import { ConsoleFailure } from './failure.ts';
import { usage, zapHelp } from './usage.ts';

export type AttachMode = 'attach' | 'force' | 'spy';

/** The mode; exactly one. `all` asks every server, otherwise only the first. Texts are byte strings. */
export type Action =
  | { readonly kind: 'join'; readonly mode: AttachMode; readonly replay: boolean; readonly name: string }
  | { readonly kind: 'status'; readonly command: string; readonly all: boolean; readonly name?: string }
  | { readonly kind: 'servers'; readonly command: string; readonly all: boolean; readonly prefixed: boolean }
  | { readonly kind: 'say'; readonly command: string; readonly all: boolean }
  | { readonly kind: 'disconnect'; readonly who: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

export interface CommandLine {
  readonly action: Action;
  readonly stripHigh: boolean;
  readonly credentials?: string;
  readonly userFile?: string;
  readonly debug: boolean;
  readonly escape?: string;
  readonly encryption?: 'never' | 'opportunistic';
  readonly onlyUp: boolean;
  readonly user?: string;
  readonly master?: string;
  readonly systemFile: boolean;
  readonly port?: string;
  readonly verbose: boolean;
  readonly strictExit: boolean;
}

const WITH_ARGUMENT = 'bBcCdelMptzZ';
const WITHOUT_ARGUMENT = '7aADEfFhiIknPqQrRsSuUvVwWx';
const MODES = 'aAbBdfFhiIPqQrRsStuVwWxzZ';

interface Zap {
  readonly command: string;
  /** Whether `-Z` names the host too; `-z` always does. */
  readonly prefixed: boolean;
}

const UP: Zap = { command: 'up', prefixed: true };
const NEW_LOGS: Zap = { command: 'newlogs', prefixed: true };
const RECONFIG: Zap = { command: 'reconfig', prefixed: true };
const QUIT: Zap = { command: 'quit', prefixed: true };

/** `-z` words to commands of the master. */
const ZAP: ReadonlyMap<string, Zap> = new Map([
  ['bringup', UP],
  ['sigusr1', UP],
  ['reopen', NEW_LOGS],
  ['sigusr2', NEW_LOGS],
  ['reconfig', RECONFIG],
  ['sighup', RECONFIG],
  ['quit', QUIT],
  ['sigterm', QUIT],
  ['pid', { command: 'pid', prefixed: false }],
  ['version', { command: 'version', prefixed: false }],
]);

const STATUS: Readonly<Record<string, string>> = { i: 'info', u: 'hosts', w: 'group', x: 'examine' };
const ATTACH: Readonly<Record<string, AttachMode>> = { a: 'attach', f: 'force', s: 'spy' };

/** Throws ConsoleFailure (69) that names the argument at fault. */
export function parseCommandLine(program: string, words: readonly string[]): CommandLine {
  const given = new Map<string, string>();
  const rest: string[] = [];
  let mode = 'a';
  let argument = '';
  let strictExit = false;
  const wrong = (message: string) => new ConsoleFailure(message, usage(program));
  const take = (letter: string, value: string) => {
    if (MODES.includes(letter)) {
      mode = letter;
      argument = value;
      checkModeArgument(letter, value);
    } else {
      given.set(letter, value);
    }
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (word === '--') {
      rest.push(...words.slice(index + 1));
      break;
    }
    if (word === '--strict-exit') {
      strictExit = true;
      continue;
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      if (WITHOUT_ARGUMENT.includes(letter)) {
        take(letter, '');
        continue;
      }
      if (!WITH_ARGUMENT.includes(letter)) {
        throw wrong(`unknown option -${letter}`);
      }
      const joined = word.slice(at + 1);
      const value = joined !== '' ? joined : words[++index];
      if (value === undefined) {
        throw wrong(`option -${letter} needs an argument`);
      }
      take(letter, value);
      break;
    }
  }
  const encryption = given.has('E') ? 'never' : given.has('U') ? 'opportunistic' : undefined;
  return {
    action: toAction(mode, argument, rest),
    stripHigh: given.has('7'),
    debug: given.has('D'),
    onlyUp: given.has('k'),
    systemFile: !given.has('n'),
    verbose: given.has('v'),
    strictExit,
    ...(encryption && { encryption }),
    ...text(given, 'c', 'credentials'),
    ...text(given, 'C', 'userFile'),
    ...text(given, 'e', 'escape'),
    ...text(given, 'l', 'user'),
    ...text(given, 'M', 'master'),
    ...text(given, 'p', 'port'),
  };
}

function text<Key extends string>(given: ReadonlyMap<string, string>, letter: string, key: Key) {
  const value = given.get(letter);
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}

function checkModeArgument(letter: string, value: string): void {
  if (letter === 't' && value === '') {
    throw new ConsoleFailure("-t names nobody: `' is no [user][@console]");
  }
  if (letter === 't' && value.includes(' ')) {
    throw new ConsoleFailure(`-t takes one [user][@console] without blanks, not \`${value}'`);
  }
  if ((letter === 'z' || letter === 'Z') && !ZAP.has(value.toLowerCase())) {
    throw value.toLowerCase() === 'help'
      ? new ConsoleFailure('commands for -z and -Z:', zapHelp())
      : new ConsoleFailure(`-${letter} has no command \`${value}': -${letter} help lists them`);
  }
}

function toAction(mode: string, argument: string, rest: string[]): Action {
  if (mode === 'h' || mode === 'V') {
    return { kind: mode === 'h' ? 'help' : 'version' };
  }
  const lower = mode.toLowerCase();
  const all = mode === lower;
  const attach = ATTACH[lower];
  const status = STATUS[lower];
  if (attach !== undefined) {
    const name = rest.shift();
    if (name === undefined) {
      throw new ConsoleFailure('no console given: which one shall be joined?');
    }
    return only(rest, { kind: 'join', mode: attach, replay: !all, name });
  }
  if (status !== undefined) {
    const name = rest.shift();
    return only(rest, { kind: 'status', command: status, all, ...(name !== undefined && { name }) });
  }
  if (mode === 't') {
    const message = rest.shift();
    if (message === undefined) {
      throw new ConsoleFailure(`-t ${argument}: no message given`);
    }
    return only(rest, { kind: 'say', command: `textmsg ${argument} ${message}`, all: true });
  }
  return only(rest, toServerAction(lower, argument, all));
}

function toServerAction(lower: string, argument: string, all: boolean): Action {
  switch (lower) {
    case 'b':
      return { kind: 'say', command: `broadcast ${argument}`, all };
    case 'd':
      return { kind: 'disconnect', who: argument };
    case 'z': {
      const { command, prefixed } = ZAP.get(argument.toLowerCase()) as Zap;
      return { kind: 'servers', command, all, prefixed: all || prefixed };
    }
    case 'q':
      return { kind: 'servers', command: 'quit', all, prefixed: true };
    case 'p':
      // -P has no lower-case twin (-p is the port): it asks every server.
      return { kind: 'servers', command: 'pid', all: true, prefixed: true };
    default:
      return { kind: 'servers', command: 'version', all, prefixed: all };
  }
}

function only(rest: readonly string[], action: Action): Action {
  if (rest.length > 0) {
    throw new ConsoleFailure(`one argument too many: \`${rest[0]}'`);
  }
  return action;
}
