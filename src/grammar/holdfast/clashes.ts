/** Conflicts that no single table shows: consoles that get in each other's way, or wait for each other. Pure. */
import type { ConfigProblem, ConsoleConfig } from '../../model/config.ts';
import { notationOf } from '../../model/endpoint.ts';
import { isEndpoint, parseEndpoint } from '../../model/endpoint-notation.ts';
import { Suggestions } from '../../model/nearest-word.ts';
import { circleText } from '../text/circle-text.ts';
import { isDevice } from '../text/file-paths.ts';
import type { Step } from '../text/toml-places.ts';
import type { Layers } from './layers.ts';

export interface ResolvedConsole {
  readonly config: ConsoleConfig;
  readonly layers: Layers;
}

/** A console, resolved or not. */
export interface LayeredConsole {
  readonly name: string;
  readonly layers: Layers;
}

export interface Known {
  /** Names that may be referred to, including those with problems of their own. */
  readonly names: ReadonlySet<string>;
  /** A file could not be read: it may define the unknown names. */
  readonly incomplete: boolean;
}

/** `sockets`: paths of the server's own. */
export function clashes(consoles: readonly ResolvedConsole[], sockets: readonly string[]): ConfigProblem[] {
  return [...sharedEndpoints(consoles, sockets), ...sharedLogs(consoles), ...circles(consoles)];
}

/** Owners of a port or a socket, by host; `wildcard`: the first one on all addresses. */
interface Users {
  readonly byHost: Map<string, string>;
  first: string;
  wildcard: string | undefined;
}

const WILDCARDS = ['0.0.0.0', '::'];

/** One problem for one line of a file: a template that gives 500 consoles the same port has one mistake. */
function sharedEndpoints(consoles: readonly ResolvedConsole[], sockets: readonly string[]): ConfigProblem[] {
  const users = new Map<string, Users>();
  const problems = new Map<string, ConfigProblem>();
  for (const { config, layers } of consoles) {
    for (const [index, endpoint] of config.endpoints.entries()) {
      const parsed = parseEndpoint(notationOf(endpoint), '127.0.0.1');
      if (!isEndpoint(parsed) || (parsed.kind === 'tcp' && parsed.port === 0)) {
        continue;
      }
      const isTcp = parsed.kind === 'tcp';
      const what = isTcp ? `port ${parsed.port}` : parsed.path;
      const host = isTcp ? parsed.host : '';
      const isWildcard = isTcp && WILDCARDS.includes(host);
      const key = isTcp ? `${parsed.family} ${parsed.port}` : parsed.path;
      const others = users.get(key);
      const other = others && (others.byHost.get(host) ?? others.wildcard ?? (isWildcard ? others.first : undefined));
      if (other !== undefined) {
        const who = other === config.name ? 'twice by the same console' : `by console '${other}' too`;
        tell(problems, problemOf(layers, config.name, ['endpoints', index], `${what} is used ${who}`));
      }
      if (!isTcp && sockets.includes(parsed.path)) {
        const message = `${what} is a socket of the server itself; take another name`;
        tell(problems, problemOf(layers, config.name, ['endpoints', index], message));
      }
      if (!isTcp && config.source.kind === 'unix' && config.source.path === parsed.path) {
        tell(problems, problemOf(layers, config.name, ['endpoints', index], `${what} is its own source`));
      }
      const known = others ?? { byHost: new Map(), first: config.name, wildcard: undefined };
      known.byHost.set(host, known.byHost.get(host) ?? config.name);
      known.wildcard ??= isWildcard ? config.name : undefined;
      users.set(key, known);
    }
  }
  return [...problems.values()];
}

function sharedLogs(consoles: readonly ResolvedConsole[]): ConfigProblem[] {
  const users = new Map<string, string>();
  const problems = new Map<string, ConfigProblem>();
  for (const { config, layers } of consoles) {
    const path = config.log?.path;
    const other = path === undefined ? undefined : users.get(path);
    if (path === undefined || isDevice(path)) {
      continue;
    }
    if (other !== undefined) {
      const message = `${path} is the log of console '${other}' too; use {name} in log.path`;
      tell(problems, problemOf(layers, config.name, ['log', 'path'], message));
    } else {
      users.set(path, config.name);
    }
  }
  return [...problems.values()];
}

/** Where the key is given. Its place has the name of the console, unless that is a template or the defaults. */
function problemOf(layers: Layers, console: string, path: readonly Step[], message: string): ConfigProblem {
  const owner = layers.owner(...path.filter((step) => typeof step === 'string'));
  return owner.problem(path, owner === layers.tables[0] ? message : `console '${console}': ${message}`);
}

function tell(problems: Map<string, ConfigProblem>, problem: ConfigProblem): void {
  const place = `${problem.file}:${problem.line}:${problem.key}`;
  if (!problems.has(place)) {
    problems.set(place, problem);
  }
}

export function unknownAfter(consoles: readonly LayeredConsole[], { names, incomplete }: Known): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  const suggestions = new Suggestions(() => names);
  for (const { name: who, layers } of incomplete ? [] : consoles) {
    for (const [index, name] of (layers.get('after') as string[]).entries()) {
      if (!names.has(name)) {
        const message = `unknown console '${name}'${suggestions.didYouMean(name)}`;
        tell(problems, problemOf(layers, who, ['after', index], message));
      }
    }
  }
  return [...problems.values()];
}

/** Consoles that wait for each other in a circle: each circle once. Without recursion: a chain may be as long as it likes. */
function circles(consoles: readonly ResolvedConsole[]): ConfigProblem[] {
  const byName = new Map(consoles.map((one) => [one.config.name, one]));
  const problems: ConfigProblem[] = [];
  const done = new Set<string>();
  for (const start of byName.keys()) {
    const path: string[] = done.has(start) ? [] : [start];
    /** For each step of the path, how many of its `after` were looked at. */
    const next: number[] = [0];
    const places = new Map([[start, 0]]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const one = byName.get(top) as ResolvedConsole;
      const at = next[path.length - 1] as number;
      next[path.length - 1] = at + 1;
      const name = one.config.after[at];
      const from = name === undefined ? undefined : places.get(name);
      if (name === undefined) {
        done.add(top);
        places.delete(top);
        path.pop();
        next.pop();
      } else if (from !== undefined) {
        const message = `consoles wait for each other in a circle: ${circleText(path, from)}`;
        problems.push(one.layers.owner('after').problem(['after'], message));
      } else if (byName.has(name) && !done.has(name)) {
        places.set(name, path.length);
        path.push(name);
        next.push(0);
      }
    }
  }
  return problems;
}
