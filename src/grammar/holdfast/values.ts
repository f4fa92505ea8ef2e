/** Checks the values of one table beyond their form: each mistake is reported once, where it is written. Pure. */
import type { ConfigProblem } from '../../model/config.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { type EndpointError, isEndpoint, parseEndpoint } from '../../model/endpoint-notation.ts';
import { keyName, parseKeys } from '../../model/key-spec.ts';
import { didYouMean } from '../../model/nearest-word.ts';
import { RESOURCE_LIMITS } from '../../model/resource-limits.ts';
import { SIGNALS, signalNumber } from '../../model/signals.ts';
import { bytes, limitPair, milliseconds, UNLIMITED } from '../../model/units.ts';
import { fillIn } from '../text/fill-in.ts';
import type { Step } from '../text/toml-places.ts';
import type { PlacedTable } from './tables.ts';

export const SOURCES = ['run', 'unix', 'tcp', 'telnet', 'serial'] as const;
const SERIAL_ONLY = ['baud', 'data_bits', 'stop_bits', 'parity', 'flow'] as const;
const PROCESS_ONLY = ['user', 'group', 'chdir', 'env', 'env_file', 'umask', 'limits', 'quota', 'stop'] as const;

type Tell = (path: readonly Step[], message: string) => void;
type Check = (table: ConsoleTable, tell: Tell) => void;

/** Removes wrong values from the table. `own`: the table of a console, not of defaults or a template. */
export function valueProblems(placed: PlacedTable<ConsoleTable>, own: boolean): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const dropped = new Set<string>();
  const tell: Tell = (path, message) => {
    problems.push(placed.problem(path, message));
    dropped.add(String(path[0]));
  };
  for (const check of own ? [...CHECKS, sourceKeys] : [...CHECKS, oneSource]) {
    check(placed.table, tell);
  }
  for (const key of dropped) {
    placed.drop(key);
  }
  return problems;
}

const CHECKS: readonly Check[] = [
  ...[programs, readiness, stopSignals, limitPairs, nothings, keys, addresses, endpoints, restartGrowth],
];

/** Values that the kernel takes as NUL-terminated strings. */
const KERNEL_TEXTS = ['run', 'unix', 'serial', 'user', 'group', 'chdir', 'env', 'env_file'] as const;

function programs(table: ConsoleTable, tell: Tell): void {
  if (Array.isArray(table.run) && table.run[0] === '') {
    tell(['run'], 'the first word is empty: it names the program');
  }
  for (const key of KERNEL_TEXTS) {
    if (JSON.stringify(table[key] ?? '').includes('\\u0000')) {
      tell([key], 'there is a NUL character in it, which the kernel does not take');
    }
  }
}

function readiness({ ready }: ConsoleTable, tell: Tell): void {
  if (ready?.pattern && ready.port !== undefined) {
    tell(['ready', 'port'], 'a process is ready by its pattern or by its port; remove one of them');
  }
  try {
    new RegExp(ready?.pattern ?? '');
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, '');
    tell(['ready', 'pattern'], `no regular expression: ${reason}`);
  }
}

function stopSignals({ stop = [] }: ConsoleTable, tell: Tell): void {
  for (const [index, step] of stop.entries()) {
    if ('signal' in step && signalNumber(step.signal) === undefined) {
      const meant = didYouMean(String(step.signal).replace(/^SIG/i, ''), Object.keys(SIGNALS));
      tell(['stop', index, 'signal'], `unknown signal '${step.signal}'${meant || '; a name such as TERM, or 1 to 31'}`);
    }
  }
}

function limitPairs({ limits = {} }: ConsoleTable, tell: Tell): void {
  for (const [name, limit] of Object.entries(limits)) {
    const { soft, hard } = limitPair(limit);
    if (hard !== UNLIMITED && (soft === UNLIMITED || soft > hard)) {
      tell(['limits', name], `the soft limit of "${limit}" is above the hard one; write SOFT:HARD`);
    }
    if (!RESOURCE_LIMITS.includes(name)) {
      const meant = didYouMean(name, RESOURCE_LIMITS) || `; known are ${RESOURCE_LIMITS.join(', ')}`;
      tell(['limits', name], `unknown limit '${name}'${meant}`);
    }
  }
}

/** A zero here is a mistake rather than a bound: "none" is expressed by leaving the key out. */
function nothings({ log, quota }: ConsoleTable, tell: Tell): void {
  if (typeof log === 'object' && log.size !== undefined && bytes(log.size) === 0) {
    tell(
      ['log', 'size'],
      'a log of no size would be rotated with every line; without the key it is not rotated by size',
    );
  }
  if (typeof log === 'object' && log.age !== undefined && milliseconds(log.age) === 0) {
    tell(['log', 'age'], 'a log of no age would be rotated with every line; without the key it is not rotated by age');
  }
  if (typeof log === 'object' && log.mode !== undefined && (Number.parseInt(log.mode, 8) & 0o600) !== 0o600) {
    tell(['log', 'mode'], `"${log.mode}" does not let the holder itself read and write the log; 0600 is the least`);
  }
  if (quota?.memory !== undefined && bytes(quota.memory) === 0) {
    tell(['quota', 'memory'], 'nothing runs without memory; without the key there is no quota');
  }
}

function keys({ keys: given = {} }: ConsoleTable, tell: Tell): void {
  for (const [name, key] of Object.entries(given)) {
    const several = [...parseKeys(key)];
    if (several.length > 1) {
      const names = several.map(keyName).join(' and ');
      tell(['keys', name], `'${key}' is more than one key (${names}); write one, such as ^X, or "" for none`);
    }
  }
}

function addresses(table: ConsoleTable, tell: Tell): void {
  for (const key of ['tcp', 'telnet'] as const) {
    const port = Number(table[key]?.split(':').at(-1) ?? 1);
    if (port < 1 || port > 65535) {
      tell([key], `port ${port} is not one of 1 to 65535`);
    }
  }
}

function endpoints({ endpoints: given = [] }: ConsoleTable, tell: Tell): void {
  for (const [index, spec] of given.entries()) {
    const parsed = parseEndpoint(fillIn(spec, 'name'), '127.0.0.1');
    if (!isEndpoint(parsed)) {
      tell(['endpoints', index], endpointMessage(spec, parsed));
    }
  }
}

/** The fault of an endpoint, and what it should be. */
export function endpointMessage(spec: string, { reason }: EndpointError): string {
  switch (reason) {
    case 'port':
      return `'${spec}': a port is 0 to 65535`;
    case 'permissions':
      return `'${spec}': expected unix:PATH or unix:USER:GROUP:MODE:PATH, MODE octal`;
    case 'no-path':
      return `'${spec}': the path of the socket is missing`;
    case 'long-path':
      return `'${spec}': the path of a socket has at most 107 bytes`;
    default:
      return `'${spec}': expected PORT, ADDRESS:PORT (a number, not a name), unix:PATH or unix:USER:GROUP:MODE:PATH`;
  }
}

function restartGrowth({ restart }: ConsoleTable, tell: Tell): void {
  if (typeof restart === 'object' && restart.limit && restart.limit.within === 0) {
    tell(['restart', 'limit', 'within'], 'a limit within no time never counts anything; expected more than 0');
  }
}

function oneSource(table: ConsoleTable, tell: Tell): string | undefined {
  const [first, second] = SOURCES.filter((key) => table[key] !== undefined);
  if (second !== undefined) {
    tell([second], `a console has one source, and '${first}' is given too; remove one of them`);
  }
  return first;
}

/** Keys without effect on this kind of source are mistakes from copied lines. */
function sourceKeys(table: ConsoleTable, tell: Tell): void {
  const source = oneSource(table, tell);
  if (source === undefined) {
    return;
  }
  const [idle, owner] = source === 'run' ? [SERIAL_ONLY, 'serial'] : [PROCESS_ONLY, 'run'];
  const more = source === 'serial' || source === 'run' ? [] : SERIAL_ONLY;
  for (const key of [...idle, ...more]) {
    if (table[key] !== undefined) {
      const whose = (more as readonly string[]).includes(key) ? 'serial' : owner;
      tell([key], `only a console with '${whose}' has this; the source here is '${source}'`);
    }
  }
}
