import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { isFinal, splitType } from '../codec/imp-body.ts';
import { ISIS_PORT, type IsisServerAddress, parseIsisServers } from '../grammar/isis-servers.ts';
import { systemText } from '../platform/system-text.ts';

/** Section 12: one command to one host, its answer on stdout. */
export interface IsisCmdProgram {
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly hostName: string;
  readonly print: (text: string) => void;
}

export const CYAN = '\u001b[36m';
export const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
export const PLAIN = '\u001b[0m';
const CLEAR_LINE = '\u001b[2K';

const USAGE = `
Usage: isisCmd --modsN hostID command_string

where:
  --mods1, --mods2    the instrument, also as -m N or --mods N
  -t, --timeout SEC   seconds to wait for each message of the answer (0: for ever)
  -v, --verbose       show where the command goes
  --version           print the version and exit
  --help              this text

The server is ISIS_HOST and ISIS_PORT of the environment, else that of the instrument, for which /etc/holdfast/isis-servers
(or ISIS_SERVERS) has lines such as '1 192.168.139.130:6600'.
An argument that starts with - needs -- before the hostID.
`;

export interface IsisCmdOptions {
  readonly mods?: string;
  readonly timeout: number;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly words: readonly string[];
}

const LONG: Readonly<Record<string, 'flag' | 'value'>> = {
  mods1: 'flag',
  mods2: 'flag',
  mods: 'value',
  timeout: 'value',
  verbose: 'flag',
  Version: 'flag',
  version: 'flag',
  help: 'flag',
};

/** The long option that `given` names or, as Getopt::Long allows, is an unambiguous beginning of. */
export function completeOption(given: string, known: readonly string[]): string | undefined {
  const lower = given.toLowerCase();
  const exact = known.find((name) => name === given) ?? known.find((name) => name.toLowerCase() === lower);
  if (exact !== undefined) {
    return exact;
  }
  const fits = known.filter((name) => name.startsWith(lower));
  return fits.length === 1 ? fits[0] : undefined;
}

const SHORT: Readonly<Record<string, string>> = { m: 'mods', t: 'timeout', v: 'verbose', V: 'verbose' };

/** Splits the arguments; undefined: a bad option. */
export function parseIsisCmd(words: readonly string[]): IsisCmdOptions | undefined {
  const values = new Map<string, string>();
  const rest: string[] = [];
  const queue = [...words];
  const known = Object.keys(LONG).filter((name) => name !== 'Version');
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') {
      rest.push(...queue.splice(0));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    const [, dashes = '', given = '', joined] = /^(--?)([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    let name: string | undefined;
    let value = joined;
    if (given in SHORT) {
      name = SHORT[given];
    } else if (dashes === '-' && /^[mt]-?\d/.test(given)) {
      name = SHORT[given.charAt(0)];
      value = given.slice(1);
    } else if (given !== '') {
      name = completeOption(given, known);
    }
    if (name === undefined || (LONG[name] === 'flag' && value !== undefined)) {
      return undefined;
    }
    if (LONG[name] === 'value') {
      value ??= queue.shift();
      const numeric = name !== 'timeout' || /^-?\d+$/.test(value ?? '');
      if (value === undefined || value === '' || !numeric) {
        return undefined;
      }
    }
    if (name === 'mods1' || name === 'mods2') {
      values.set('mods', name.slice(4));
    } else {
      values.set(name, value ?? '');
    }
  }
  const mods = values.get('mods');
  return {
    timeout: Number(values.get('timeout') ?? 0),
    verbose: values.has('verbose'),
    help: values.has('help'),
    version: values.has('version'),
    words: rest,
    ...(mods === undefined ? {} : { mods }),
  };
}

/** The instrument's number from option or host name, or what to print and exit with. */
export function instrumentOf(given: string | undefined, hostName: string): string | undefined {
  return given ?? /^mods([12])/i.exec(hostName)?.[1];
}

export const NO_INSTRUMENT = `${RED}** ERROR: You did not specify which MODS Instrument to use
${PLAIN}          Use --mods1 or --mods2, or -m N,
          unless this host's name starts with mods1 or mods2.
          Nothing was sent.
`;

/** Where a site says where its servers are; `ISIS_SERVERS` names another file. */
const SERVERS = '/etc/holdfast/isis-servers';

/**
 * Where the server of an instrument is: the environment, the site's file, OSU's addresses, in this order. A string says what
 * is wrong with the file.
 */
export function serverAddress(instrument: string, env: NodeJS.ProcessEnv): IsisServerAddress | string {
  const file = env.ISIS_SERVERS || SERVERS;
  let known: IsisServerAddress | undefined;
  try {
    known = parseIsisServers(readFileSync(file, 'utf8')).get(instrument);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' && !env.ISIS_SERVERS;
    if (!missing && !env.ISIS_HOST) {
      return error instanceof SyntaxError ? `${file}:${error.message}` : `${file}: ${systemText(error)}`;
    }
  }
  return {
    host: env.ISIS_HOST || (known?.host ?? `192.168.139.${instrument === '1' ? 130 : 230}`),
    port: Number(env.ISIS_PORT || (env.ISIS_HOST ? ISIS_PORT : (known?.port ?? ISIS_PORT))),
  };
}

/** Body of a message with blanks collapsed, without header and terminator. */
export function bodyOf(text: string): string {
  const words = text.split(/[\s\0]+/).filter((word) => word !== '');
  return words.slice(1).join(' ');
}

export type CommandEnd =
  | { readonly end: 'done' | 'failed'; readonly body: string }
  | { readonly end: 'timeout' }
  | { readonly end: 'unsent'; readonly reason: string };

export interface OneCommand {
  readonly server: IsisServerAddress;
  readonly id: string;
  readonly host: string;
  readonly command: string;
  /** Seconds per wait, restarted by every message; 0: for ever. */
  readonly timeout: number;
  readonly interim: (body: string) => void;
}

/** Sends one command from a socket of its own and waits for the message that ends it. */
export function sendOnce(order: OneCommand): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    let timer: NodeJS.Timeout | undefined;
    const finish = (end: CommandEnd): void => {
      clearTimeout(timer);
      socket.close();
      resolve(end);
    };
    const wait = (): void => {
      clearTimeout(timer);
      if (order.timeout > 0) {
        timer = setTimeout(() => finish({ end: 'timeout' }), order.timeout * 1000);
      }
    };
    socket.on('error', (error) => finish({ end: 'unsent', reason: error.message }));
    socket.on('message', (bytes) => {
      const body = bodyOf(bytes.toString('latin1'));
      const { type } = splitType(body);
      if (isFinal(type)) {
        finish({ end: type === 'DONE' ? 'done' : 'failed', body });
      } else if (/^pong$/i.test(body) && /^ping$/i.test(order.command)) {
        finish({ end: 'done', body });
      } else {
        order.interim(body);
        wait();
      }
    });
    const message = Buffer.from(`${order.id}>${order.host} ${order.command}\r`, 'latin1');
    socket.send(message, order.server.port, order.server.host, (error) => {
      if (error) {
        finish({ end: 'unsent', reason: error.message });
      }
    });
    wait();
  });
}

/** Argument strings above this overflow the buffers of real agents. */
const LONGEST_ARGUMENTS = 511;

export async function runIsisCmd(program: IsisCmdProgram): Promise<number> {
  const { print } = program;
  const options = parseIsisCmd(program.words);
  if (!options) {
    print(`${RED}*** ERROR: isisCmd terminated with errors\n${PLAIN}`);
    return 1;
  }
  if (options.version) {
    print('isisCmd 2.2.4 [2026-01-22]\n');
    return 0;
  }
  const words = options.words
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  if (options.help || words.length === 0) {
    print(USAGE);
    return options.help ? 0 : 1;
  }
  const instrument = instrumentOf(options.mods, program.hostName);
  if (instrument === undefined) {
    print(NO_INSTRUMENT);
    return 2;
  }
  if (instrument !== '1' && instrument !== '2') {
    print(
      `${RED}** ERROR: Invalid argument '${instrument}' for -m: must be 1 or 2.\n          isisCmd aborting\n${PLAIN}`,
    );
    return 2;
  }
  if (options.timeout < 0) {
    print(`${RED}*** ERROR: Invalid timeout '${options.timeout}', must be 0 or positive\n${PLAIN}`);
    return 1;
  }
  const server = serverAddress(instrument, program.env);
  if (typeof server === 'string') {
    print(`${RED}*** ERROR: ${server}\n${PLAIN}`);
    return 2;
  }
  const host = words[0] as string;
  const command = (words.length === 1 ? words : words.slice(1)).join(' ').replaceAll('=', ' ');
  if (options.verbose) {
    print(`${GREEN}MODS${instrument}:${host}> ${command}\n${PLAIN}`);
  }
  if (command.length > LONGEST_ARGUMENTS) {
    process.stderr.write(
      `isisCmd: the command has ${command.length} bytes; agents may take ${LONGEST_ARGUMENTS} only\n`,
    );
  }
  const end = await sendOnce({
    server,
    id: `IPC${instrument}`,
    host,
    command,
    timeout: options.timeout,
    interim: (body) => print(`${CLEAR_LINE}${body}\r`),
  });
  switch (end.end) {
    case 'done':
      print(`${CYAN}${end.body}\n${PLAIN}`);
      return 0;
    case 'failed':
      print(`${RED}*** ${end.body}\n${PLAIN}`);
      return 2;
    case 'timeout':
      print(`${RED}*** ERROR: Command '${command}' timed out after ${options.timeout} seconds\n${PLAIN}`);
      return 2;
    case 'unsent':
      print(`${RED}*** ERROR: Command '${command}' was not sent: ${end.reason}\n${PLAIN}`);
      return 2;
  }
}
