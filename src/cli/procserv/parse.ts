/** The command line of procServ, as typed, into what it means (spec/procserv.md 1, 2). */

import { isIP } from 'node:net';
import { constants } from 'node:os';
import { getopt } from '../../grammar/text/getopt.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { type EndpointError, isEndpoint, parseEndpoint } from '../../model/endpoint-notation.ts';
import { parseKey, parseKeys } from '../../model/key-spec.ts';
import { SIGKILL } from '../../model/signals.ts';
import type { RestartPolicy } from '../../model/supervision.ts';
import { OPTIONS } from './options.ts';

const LOOPBACK = '127.0.0.1';
const ANYWHERE = '0.0.0.0';
/** Signals beyond this are refused (spec/procserv.md 1.1, --killsig). */
const LAST_SIGNAL = 31;
/** What `--holdoff 0` means: the original restarts at most twice a second, and a broken program must not fill the disk. */
const NO_HOLDOFF_SECONDS = 0.5;

/** A control or log endpoint, with the words that named it. */
export interface NamedEndpoint {
  readonly spec: string;
  readonly endpoint: Endpoint;
}

export interface ProcServCommand {
  readonly verb: 'run';
  readonly control: readonly NamedEndpoint[];
  readonly log: NamedEndpoint | undefined;
  /** The program to execute, and the argument vector that it gets. */
  readonly file: string;
  readonly argv: readonly string[];
  /** First word of the command, for messages. */
  readonly command: string;
  readonly name: string;
  readonly foreground: boolean;
  /** Like foreground, with the console on standard output. */
  readonly debug: boolean;
  readonly quiet: boolean;
  readonly wait: boolean;
  readonly policy: RestartPolicy;
  readonly chdir: string | undefined;
  readonly coreSize: number | undefined;
  readonly killKey: number | undefined;
  readonly toggleKey: number | undefined;
  /** The restart modes through which the toggle key leads: three only where `--oneshot` was given. */
  readonly toggleCycle: readonly RestartPolicy['mode'][];
  readonly logoutKey: number | undefined;
  readonly ignore: ReadonlySet<number>;
  readonly killSignal: number;
  /** Milliseconds. */
  readonly grace: number;
  readonly logFile: string | undefined;
  /** The log of the server before this one is kept under another name. */
  readonly saveLog: boolean;
  /** strftime format of the stamp before every line; undefined: none. */
  readonly logStamp: string | undefined;
  readonly logRotate: { readonly size: number; readonly keep: number } | undefined;
  /** Milliseconds after a write; undefined: never. */
  readonly logSync: number | undefined;
  readonly timeFormat: string;
  readonly pidFile: string | undefined;
  readonly infoFile: string | undefined;
  /** Networks that may connect by TCP; empty: all. */
  readonly allowFrom: readonly string[];
  readonly history: number;
  /** Warnings for standard error, each without the program's name. */
  readonly warnings: readonly string[];
}

export type ProcServLine =
  | ProcServCommand
  | { readonly verb: 'help' | 'version' }
  /** `usage`: the usage text follows on standard output; `bare`: the message stands without the program's name. */
  | { readonly verb: 'error'; readonly message: string; readonly usage: boolean; readonly bare?: boolean };

type Given = ReadonlyMap<string, string>;

export function parseProcServ(words: readonly string[], env: NodeJS.ProcessEnv): ProcServLine {
  const { options, rest, error } = getopt(OPTIONS, words);
  const first = options.find(({ name }) => name === 'help' || name === 'version');
  if (first) {
    return { verb: first.name as 'help' | 'version' };
  }
  if (error !== undefined) {
    return { verb: 'error', message: error, usage: true };
  }
  const given = new Map<string, string>();
  for (const { name, value } of options) {
    // The last occurrence of each counts.
    given.delete(name);
    given.set(name, value ?? '');
  }
  const ports = options.filter(({ name }) => name === 'port').map(({ value }) => value as string);
  const specs = ports.length > 0 ? ports : rest.slice(0, 1);
  const command = ports.length > 0 ? rest : rest.slice(1);
  if (command.length === 0 || specs.length === 0) {
    return { verb: 'error', message: 'missing argument', usage: true };
  }
  try {
    return assemble(given, specs, command, env);
  } catch (problem) {
    if (problem instanceof BadOption) {
      return { verb: 'error', message: problem.message, usage: false, bare: problem.bare };
    }
    throw problem;
  }
}

/** An invalid argument. `bare`: its message is interface and is printed without the program's name. */
class BadOption extends Error {
  readonly bare: boolean;
  constructor(message: string, bare = false) {
    super(message);
    this.bare = bare;
  }
}

function assemble(
  given: Given,
  specs: readonly string[],
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): ProcServCommand {
  const has = (name: string) => given.has(name);
  const word = command[0] as string;
  const exec = given.get('exec');
  const timeFormat = given.get('timefmt') ?? '%c';
  const { killSignal, warning } = parseSignal(given.get('killsig'));
  const logport = given.get('logport');
  return {
    verb: 'run',
    control: specs.map((spec) => controlEndpoint(spec, has('allow'))),
    log: logport === undefined ? undefined : logEndpoint(logport, has('restrict')),
    file: exec ?? word,
    argv: exec === undefined ? command : [exec, ...command],
    command: word,
    name: given.get('name') ?? word,
    foreground: has('foreground'),
    debug: has('debug') || env.PROCSERV_DEBUG !== undefined,
    quiet: has('quiet'),
    wait: has('wait'),
    policy: parsePolicy(given),
    chdir: given.get('chdir'),
    coreSize: parseCoreSize(given.get('coresize')),
    killKey: parseKey(given.get('killcmd') ?? '^X'),
    toggleKey: parseKey(given.get('autorestartcmd') ?? '^T'),
    toggleCycle: has('oneshot') ? ['always', 'never', 'oneshot'] : ['always', 'never'],
    logoutKey: parseKey(given.get('logoutcmd') ?? ''),
    ignore: parseKeys(given.get('ignore') ?? ''),
    killSignal,
    grace: seconds('grace-period', given.get('grace-period') ?? '3') * 1000,
    logFile: given.get('logfile'),
    saveLog: has('savelog'),
    logStamp: has('logstamp') ? given.get('logstamp') || `[${timeFormat}] ` : undefined,
    logRotate: parseRotation(given),
    logSync: parseSync(given.get('logsync') ?? '1'),
    timeFormat,
    pidFile: given.get('pidfile') ?? (env.PROCSERV_PID || undefined),
    infoFile: given.get('info-file'),
    allowFrom: given.get('allow-from')?.split(',').map(network) ?? [],
    history: whole('history', given.get('history') ?? '0'),
    warnings: warning === undefined ? [] : [warning],
  };
}

/** Without --allow a control endpoint is on loopback whatever address was typed (spec/procserv.md 2). */
function controlEndpoint(spec: string, allow: boolean): NamedEndpoint {
  const endpoint = checked(spec, allow ? ANYWHERE : LOOPBACK);
  return { spec, endpoint: allow ? endpoint : onLoopback(endpoint) };
}

function logEndpoint(spec: string, restrict: boolean): NamedEndpoint {
  const endpoint = checked(spec, restrict ? LOOPBACK : ANYWHERE);
  return { spec, endpoint: restrict ? onLoopback(endpoint) : endpoint };
}

function onLoopback(endpoint: Endpoint): Endpoint {
  if (endpoint.kind === 'unix') {
    return endpoint;
  }
  return { ...endpoint, host: endpoint.family === 6 ? '::1' : LOOPBACK };
}

function checked(spec: string, defaultHost: string): Endpoint {
  const parsed = parseEndpoint(spec, defaultHost);
  if (isEndpoint(parsed)) {
    return parsed;
  }
  throw new BadOption(endpointProblem(parsed), parsed.reason !== 'port');
}

function endpointProblem(error: EndpointError): string {
  switch (error.reason) {
    case 'port':
      return `invalid control port ${error.text} (must be <65536)`;
    case 'spec':
      return `Invalid socket spec '${error.text}'`;
    case 'permissions':
      return `Unix path+permissions spec unparsable '${error.text}'`;
    case 'no-path':
      return 'expected unix socket path spec.';
    case 'long-path':
      return 'Unix path is too long (must be <108)';
  }
}

function parsePolicy(given: Given): RestartPolicy {
  // Two options for one setting: the last one counts.
  const last = [...given.keys()].findLast((name) => name === 'oneshot' || name === 'noautorestart');
  const mode = last === undefined ? 'always' : last === 'oneshot' ? 'oneshot' : 'never';
  // A negative holdoff is ignored and a word counts as 0 (spec/procserv.md 1.1, --holdoff).
  const asked = Number.parseFloat(given.get('holdoff') ?? '15') || NO_HOLDOFF_SECONDS;
  const holdoff = (asked < 0 ? 15 : asked) * 1000;
  const backoff = pair('backoff', given.get('backoff'), 'FACTOR/MAX, as in 2/300');
  const limit = pair('restart-limit', given.get('restart-limit'), 'N/SECONDS, as in 5/60');
  return {
    mode,
    holdoff,
    ...(backoff ? { backoff: { factor: Math.max(1, backoff[0]), most: backoff[1] * 1000 } } : {}),
    ...(limit ? { limit: { count: limit[0], within: limit[1] * 1000 } } : {}),
  };
}

/** The absolute value of a number, or a name; anything else is the default, with a warning (spec/procserv.md 1.1). */
function parseSignal(text: string | undefined): { killSignal: number; warning?: string } {
  if (text === undefined) {
    return { killSignal: SIGKILL };
  }
  const name = text.toUpperCase().replace(/^(?:SIG)?/, 'SIG');
  const named = (constants.signals as Record<string, number>)[name];
  const number = named ?? (/^[-+]?\d+$/.test(text) ? Math.abs(Number(text)) : undefined);
  if (number === undefined) {
    throw new BadOption(`--killsig: '${text}' is neither a signal number nor a name such as TERM or INT`);
  }
  if (number > LAST_SIGNAL) {
    return { killSignal: SIGKILL, warning: `invalid kill signal ${number} (>31) - using default (9)` };
  }
  return { killSignal: number };
}

function parseCoreSize(text: string | undefined): number | undefined {
  const size = Number.parseInt(text ?? '-1', 10) || 0;
  return size < 0 ? undefined : size;
}

function parseRotation(given: Given): { size: number; keep: number } | undefined {
  const text = given.get('logsize');
  if (text === undefined) {
    return undefined;
  }
  const match = /^(\d+)([kKMG]?)$/.exec(text);
  const unit = { '': 0, k: 10, K: 10, M: 20, G: 30 }[match?.[2] ?? ''] ?? 0;
  const size = Number(match?.[1] ?? 0) * 2 ** unit;
  if (size < 1) {
    throw new BadOption(`--logsize: '${text}' is not a size; give bytes, or a number with k, M or G`);
  }
  return { size, keep: Math.max(1, whole('logkeep', given.get('logkeep') ?? '5')) };
}

function parseSync(text: string): number | undefined {
  return text === 'never' ? undefined : text === 'always' ? 0 : seconds('logsync', text) * 1000;
}

/** An address, or ADDRESS/BITS. */
function network(text: string): string {
  const [address = '', bits, ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (most < 0 || more.length > 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
    throw new BadOption(`--allow-from: '${text}' is not a network; give addresses or ADDRESS/BITS, comma between`);
  }
  return text;
}

function whole(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new BadOption(`--${option}: '${text}' is not a whole number`);
  }
  return Number(text);
}

function seconds(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new BadOption(`--${option}: '${text}' is not a number of seconds`);
  }
  return value;
}

function pair(option: string, text: string | undefined, form: string): [number, number] | undefined {
  if (text === undefined) {
    return undefined;
  }
  const match = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) {
    throw new BadOption(`--${option}: '${text}' is not of the form ${form}`);
  }
  return [Number(match[1]), Number(match[2])];
}
