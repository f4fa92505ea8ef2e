import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { encodeImp, isName, LARGEST_MESSAGE } from '../../codec/imp.ts';
import { ISIS_PORT, type IsisServerAddress, parseIsisServers } from '../../grammar/isis/servers.ts';
import { getoptLong, type LongOption, LongOptionError, type LongWords } from '../../grammar/text/getopt-long.ts';
import type { CommandLine, LineOption } from '../../model/command-line.ts';
import { systemText } from '../../platform/system-text.ts';
import { systemClock, type Timer } from '../../platform/time/clock.ts';

/** One command to one host, its answer on stdout (spec/isis.md 12). */
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

/** Options of both programs that select the instrument. */
export const INSTRUMENTS = { mods1: {}, mods2: {}, mods: { short: 'm', value: 'number' } } as const;

const OPTIONS = {
  ...INSTRUMENTS,
  timeout: { short: 't', value: 'number' },
  verbose: { short: 'v' },
  version: {},
  help: {},
} as const;

const NOTES = `The server is ISIS_HOST and ISIS_PORT of the environment, otherwise that of the instrument, for which /etc/holdfast/isis-servers
(or ISIS_SERVERS) has lines such as '1 192.168.139.130:6600'.
An argument that starts with - needs -- before the hostID.`;

/** As people write them. */
export const INSTRUMENT_OPTIONS: readonly LineOption[] = [
  { name: 'mods1', help: 'the first instrument' },
  { name: 'mods2', help: 'the second instrument' },
  { name: 'mods', short: 'm', value: 'N', words: ['1', '2'], help: 'the instrument by its number' },
];

export const ISIS_CMD: CommandLine = {
  name: 'isisCmd',
  usage: ['--modsN hostID command_string'],
  summary: 'send one command to a host of an ISIS server, and print the answer',
  help: NOTES,
  options: [
    ...INSTRUMENT_OPTIONS,
    { name: 'timeout', short: 't', value: 'SEC', help: 'seconds to wait for each message of the answer (0: forever)' },
    { name: 'verbose', short: 'v', help: 'show where the command goes' },
    { name: 'version', help: 'print the version and exit' },
    { name: 'help', help: 'this text' },
  ],
  operands: ['nothing'],
};

/** The options but those of the instrument, as the usage shows them. */
export function isisOptionLines({ options }: CommandLine): string {
  return options
    .slice(INSTRUMENT_OPTIONS.length)
    .map(({ name, short, value, help }) => {
      const label = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
      return `  ${label.padEnd(19)} ${help}\n`;
    })
    .join('');
}

const USAGE = `
Usage: isisCmd ${ISIS_CMD.usage[0]}

where:
  --mods1, --mods2    the instrument, also as -m N or --mods N
${isisOptionLines(ISIS_CMD)}
${NOTES}
`;

/** The options and words, or undefined after it has said what is wrong: the red line to stdout, as the original does. */
export function parseWords<Name extends string>(
  name: string,
  table: Readonly<Record<Name, LongOption>>,
  { words, print }: IsisCmdProgram,
): LongWords<Name> | undefined {
  try {
    return getoptLong(table, words);
  } catch (error) {
    if (!(error instanceof LongOptionError)) {
      throw error;
    }
    print(`${RED}*** ERROR: ${name} terminated with errors\n${PLAIN}          ${error.message}; see ${name} --help\n`);
    return undefined;
  }
}

/** The number of the instrument, by option or host name; undefined after it has said why there is none. */
export function instrumentOf(
  name: string,
  options: ReadonlyMap<string, number>,
  { hostName, print }: Pick<IsisCmdProgram, 'hostName' | 'print'>,
): '1' | '2' | undefined {
  const given = options.has('mods1') ? 1 : options.has('mods2') ? 2 : options.get('mods');
  const instrument = String(given ?? /^mods([12])/i.exec(hostName)?.[1] ?? '');
  if (instrument === '1' || instrument === '2') {
    return instrument;
  }
  print(
    instrument === ''
      ? NO_INSTRUMENT
      : `${RED}** ERROR: Invalid argument '${instrument}' for -m: must be 1 or 2.\n${PLAIN}          ${name} aborting\n`,
  );
  return undefined;
}

const NO_INSTRUMENT = `${RED}** ERROR: You did not specify which MODS Instrument to use
${PLAIN}          Use --mods1 or --mods2, or -m N,
          unless this host's name starts with mods1 or mods2.
          Nothing was sent.
`;

/** The file with the addresses of a site's servers; `ISIS_SERVERS` names another one. */
const SERVERS = '/etc/holdfast/isis-servers';

/**
 * The address of an instrument's server: from the environment, the site's file, OSU's addresses, in this order. A
 * string is the fault of the file or the environment.
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
  const port = Number(env.ISIS_PORT || (env.ISIS_HOST ? ISIS_PORT : (known?.port ?? ISIS_PORT)));
  return Number.isInteger(port) && port > 0 && port < 65536
    ? { host: env.ISIS_HOST || (known?.host ?? `192.168.139.${instrument === '1' ? 130 : 230}`), port }
    : `ISIS_PORT is '${env.ISIS_PORT}', which is not a port`;
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
  /** Seconds per wait, restarted by every message; 0: without limit. */
  readonly timeout: number;
  readonly interim: (body: string) => void;
}

/** Words that end a transaction: the second word of a message, in any case. */
const FINAL: ReadonlyMap<string, 'done' | 'failed'> = new Map([
  ['done:', 'done'],
  ['error:', 'failed'],
  ['fatal:', 'failed'],
]);

/** A server ignores this, and anything that is not a name: nobody would answer. */
const TOO_LONG = `the message would have more than ${LARGEST_MESSAGE} bytes`;

/** Sends one command from a socket of its own and waits for the message that ends it. */
export function sendOnce(order: OneCommand): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    let timer: Timer | undefined;
    let over = false;
    const finish = (end: CommandEnd): void => {
      // A name service may report an unknown server only after the time is over.
      if (over) {
        return;
      }
      over = true;
      timer?.cancel();
      socket.close();
      resolve(end);
    };
    const wait = (): void => {
      timer?.cancel();
      if (order.timeout > 0) {
        timer = systemClock.after(order.timeout * 1000, () => finish({ end: 'timeout' }));
      }
    };
    socket.on('error', (error) => finish({ end: 'unsent', reason: error.message }));
    socket.on('message', (bytes) => {
      const body = bodyOf(bytes.toString('latin1'));
      const end = FINAL.get((body.split(' ', 1)[0] as string).toLowerCase());
      if (end) {
        finish({ end, body });
      } else if (/^pong$/i.test(body) && /^ping$/i.test(order.command)) {
        finish({ end: 'done', body });
      } else {
        order.interim(body);
        wait();
      }
    });
    const message = encodeImp(order.id, order.host, order.command);
    if (!isName(order.host) || message.length > LARGEST_MESSAGE) {
      finish({
        end: 'unsent',
        reason: isName(order.host) ? TOO_LONG : `'${order.host}' is not a host ID: 1 to 8 characters`,
      });
      return;
    }
    socket.send(Buffer.from(message, 'latin1'), order.server.port, order.server.host, (error) => {
      if (error) {
        finish({ end: 'unsent', reason: error.message });
      }
    });
    wait();
  });
}

/** Argument strings above this overflow the buffers of real agents. */
const MAX_ARGUMENTS = 511;

export async function runIsisCmd(program: IsisCmdProgram): Promise<number> {
  const { print } = program;
  const parsed = parseWords('isisCmd', OPTIONS, program);
  if (!parsed) {
    return 1;
  }
  const { options } = parsed;
  if (options.has('help')) {
    print(USAGE);
    return 0;
  }
  if (options.has('version')) {
    print('isisCmd 2.2.4 [2026-01-22]\n');
    return 0;
  }
  const timeout = options.get('timeout') ?? 0;
  if (timeout < 0) {
    print(`${RED}*** ERROR: Invalid timeout '${timeout}', must be 0 or positive\n${PLAIN}`);
    return 1;
  }
  const words = parsed.words
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) {
    print(USAGE);
    return 1;
  }
  const instrument = instrumentOf('isisCmd', options, program);
  if (instrument === undefined) {
    return 2;
  }
  const server = serverAddress(instrument, program.env);
  if (typeof server === 'string') {
    print(`${RED}*** ERROR: ${server}\n${PLAIN}`);
    return 2;
  }
  const host = words[0] as string;
  const command = (words.length === 1 ? words : words.slice(1)).join(' ').replaceAll('=', ' ');
  if (options.has('verbose')) {
    print(`${GREEN}MODS${instrument}:${host}> ${command}\n${PLAIN}`);
  }
  if (command.length > MAX_ARGUMENTS) {
    process.stderr.write(`isisCmd: the command has ${command.length} bytes; agents may take ${MAX_ARGUMENTS} only\n`);
  }
  const end = await sendOnce({
    server,
    id: `IPC${instrument}`,
    host,
    command,
    timeout,
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
      print(`${RED}*** ERROR: Command '${command}' timed out after ${timeout} seconds\n${PLAIN}`);
      return 2;
    case 'unsent':
      print(`${RED}*** ERROR: Command '${command}' was not sent: ${end.reason}\n${PLAIN}`);
      return 2;
  }
}
