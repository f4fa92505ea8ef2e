/** The tables of a console -> its configuration: defaults filled in, units and names resolved. Pure. */
import type { ConfigProblem, ConsoleConfig, ConsoleSource, ServerConfig } from '../../model/config.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { isEndpoint, parseEndpoint } from '../../model/endpoint-notation.ts';
import { SIGKILL, signalNumber } from '../../model/signals.ts';
import { bytes, limitPair, milliseconds } from '../../model/units.ts';
import { folderOf, resolvePath } from '../text/file-paths.ts';
import { fillIn } from '../text/fill-in.ts';
import type { Layers } from './layers.ts';
import type { PlacedTable } from './tables.ts';
import { endpointMessage } from './values.ts';

type Quantity = string | number;

/** The configuration, or what is wrong with the console as a whole. */
export function consoleConfig(
  name: string,
  layers: Layers,
  server: ServerConfig,
  foundIn?: string,
): ConsoleConfig | readonly ConfigProblem[] {
  const own = layers.tables[0] as PlacedTable<ConsoleTable>;
  const problems: ConfigProblem[] = [];
  const source = sourceOf(name, layers, server);
  if (source === undefined && layers.complete && !layers.brokenSource) {
    const message = `console '${name}' has no source; give it one of run, unix, tcp, telnet, serial`;
    problems.push(own.problem([], message));
  }
  const endpoints = endpointsOf(name, layers, server, problems);
  if (source === undefined || problems.length > 0) {
    return problems;
  }
  const isRun = source.kind === 'run';
  const given = <T>(key: keyof ConsoleTable) => layers.get(key) as T | undefined;
  const filled = (text: string) => fillIn(text, name);
  const chdir = given<string>('chdir');
  const env = Object.entries(layers.joined('env')).map(([key, value]) => [key, filled(String(value))] as const);
  const quota = quotaOf(layers);
  const ready = readyOf(layers);
  const log = logOf(name, layers, server);
  const umask = given<string>('umask');
  const user = given<string>('user');
  const group = given<string>('group');
  return {
    name,
    place: { file: own.file, line: own.line() },
    ...(foundIn !== undefined && { foundIn }),
    source,
    ...(isRun && user !== undefined && { user }),
    ...(isRun && group !== undefined && { group }),
    ...(isRun && chdir !== undefined && { chdir: resolvePath(folder(layers, 'chdir'), filled(chdir)) }),
    env: isRun ? Object.fromEntries(env) : {},
    envFiles: isRun ? envFilesOf(name, layers) : [],
    ...(isRun && umask !== undefined && { umask: Number.parseInt(umask, 8) }),
    limits: isRun ? limitsOf(layers) : {},
    ...(isRun && quota && { quota }),
    restart: restartOf(layers),
    start: given<boolean>('start') as boolean,
    stop: isRun ? stopOf(layers) : [],
    ...(ready && { ready }),
    after: [...new Set(given<string[]>('after'))],
    ...(log && { log }),
    history: given<number>('history') as number,
    ignore: given<string>('ignore') as string,
    keys: {
      kill: layers.get('keys', 'kill') as string,
      toggle: layers.get('keys', 'toggle') as string,
      logout: layers.get('keys', 'logout') as string,
    },
    endpoints,
    groups: [...new Set(given<string[]>('groups'))],
    description: given<string>('description') as string,
    labels: Object.fromEntries(Object.entries(layers.joined('labels')).map(([key, text]) => [key, String(text)])),
  };
}

/** The folder of the file that gives a key. */
function folder(layers: Layers, key: keyof ConsoleTable): string {
  return folderOf(layers.owner(key).file);
}

function sourceOf(name: string, layers: Layers, server: ServerConfig): ConsoleSource | undefined {
  const [kind] = layers.sources;
  switch (kind) {
    case undefined:
      return undefined;
    case 'run': {
      const run = layers.get('run') as string | string[];
      const argv = typeof run === 'string' ? ['/bin/sh', '-c', run] : run;
      return { kind, argv: argv.map((word) => fillIn(word, name)) };
    }
    case 'unix':
      return { kind, path: resolvePath(server.runtimeDir, fillIn(layers.get('unix') as string, name)) };
    case 'serial':
      return {
        kind,
        path: resolvePath(folder(layers, 'serial'), fillIn(layers.get('serial') as string, name)),
        baud: layers.get('baud') as number,
        dataBits: layers.get('data_bits') as 5 | 6 | 7 | 8,
        stopBits: layers.get('stop_bits') as 1 | 2,
        parity: layers.get('parity') as 'none' | 'even' | 'odd',
        flow: layers.get('flow') as 'none' | 'hardware' | 'software',
      };
    default: {
      const address = fillIn(layers.get(kind) as string, name);
      const colon = address.lastIndexOf(':');
      const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
      return { kind, host, port: Number(address.slice(colon + 1)) };
    }
  }
}

/** Parsed before the name is filled in, since a name may have colons in it. */
function endpointsOf(name: string, layers: Layers, server: ServerConfig, problems: ConfigProblem[]): string[] {
  return (layers.get('endpoints') as string[]).map((spec, index) => {
    const parsed = parseEndpoint(spec, LOOPBACK);
    if (!isEndpoint(parsed) || parsed.kind === 'tcp') {
      return spec;
    }
    const path = resolvePath(server.runtimeDir, fillIn(parsed.path, name));
    const head = fillIn(spec.slice(0, spec.length - parsed.path.length), name);
    const whole = `${head === 'unix:' && path.includes(':') ? 'unix::::' : head}${path}`;
    const again = parseEndpoint(whole, LOOPBACK);
    if (!isEndpoint(again)) {
      const hint = again.reason === 'long-path' ? '; shorten server.runtime_dir or the name' : '';
      problems.push(layers.owner('endpoints').problem(['endpoints', index], `${endpointMessage(whole, again)}${hint}`));
    }
    return whole;
  });
}

const LOOPBACK = '127.0.0.1';

function envFilesOf(name: string, layers: Layers): ConsoleConfig['envFiles'] {
  const files = layers.get('env_file') as string | readonly string[];
  return (typeof files === 'string' ? [files] : files).map((text) => {
    const optional = text.startsWith('-');
    const path = fillIn(optional ? text.slice(1) : text, name);
    return { path: resolvePath(folder(layers, 'env_file'), path), optional };
  });
}

function limitsOf(layers: Layers): ConsoleConfig['limits'] {
  const limits = Object.entries(layers.joined('limits'));
  return Object.fromEntries(limits.map(([name, limit]) => [name, limitPair(limit)]));
}

function quotaOf(layers: Layers): ConsoleConfig['quota'] {
  const memory = layers.get('quota', 'memory') as Quantity | undefined;
  const cpu = layers.get('quota', 'cpu') as number | undefined;
  return memory === undefined && cpu === undefined
    ? undefined
    : { ...(memory !== undefined && { memory: bytes(memory) }), ...(cpu !== undefined && { cpu }) };
}

function restartOf(layers: Layers): ConsoleConfig['restart'] {
  const backoff = layers.get('restart', 'backoff') as { factor: number; max: Quantity } | undefined;
  const limit = layers.get('restart', 'limit') as { count: number; within: Quantity } | undefined;
  return {
    mode: layers.get('restart', 'policy') as 'always' | 'on-failure' | 'never',
    holdoff: milliseconds(layers.get('restart', 'holdoff') as Quantity),
    ...(backoff && { backoff: { factor: backoff.factor, most: milliseconds(backoff.max) } }),
    ...(limit && { limit: { count: limit.count, within: milliseconds(limit.within) } }),
  };
}

function stopOf(layers: Layers): ConsoleConfig['stop'] {
  const steps = (layers.get('stop') as NonNullable<ConsoleTable['stop']>).map((step) => {
    if ('signal' in step) {
      return { signal: signalNumber(step.signal) as number };
    }
    return 'wait' in step ? { wait: milliseconds(step.wait) } : { send: step.send };
  });
  const last = steps.at(-1);
  return last && 'signal' in last && last.signal === SIGKILL ? steps : [...steps, { signal: SIGKILL }];
}

/** An empty pattern removes a template's. */
function readyOf(layers: Layers): ConsoleConfig['ready'] {
  const pattern = layers.get('ready', 'pattern') as string | undefined;
  const port = layers.get('ready', 'port') as number | undefined;
  if (!pattern && port === undefined) {
    return undefined;
  }
  const within = milliseconds(layers.get('ready', 'within') as Quantity);
  return { ...(pattern && { pattern }), ...(port !== undefined && { port }), within };
}

function logOf(name: string, layers: Layers, server: ServerConfig): ConsoleConfig['log'] {
  if (layers.get('log') === false) {
    return undefined;
  }
  const stamp = layers.get('log', 'stamp') as string;
  const size = layers.get('log', 'size') as Quantity | undefined;
  const age = layers.get('log', 'age') as Quantity | undefined;
  const group = layers.get('log', 'group') as string | undefined;
  return {
    path: resolvePath(server.logDir, fillIn(layers.get('log', 'path') as string, name)),
    ...(stamp !== '' && { stamp }),
    ...(size !== undefined && { size: bytes(size) }),
    ...(age !== undefined && { age: milliseconds(age) }),
    keep: layers.get('log', 'keep') as number,
    compress: layers.get('log', 'compress') as boolean,
    mode: Number.parseInt(layers.get('log', 'mode') as string, 8),
    ...(group !== undefined && { group }),
    ...(layers.get('log', 'journal') === true && { journal: true }),
  };
}
