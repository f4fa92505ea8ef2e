/** What no table shows by itself: consoles that get in each other's way, or wait for each other. Pure. */
import type { ConfigProblem, ConsoleConfig } from '../model/config.ts';
import type { Layers } from './config-layers.ts';
import { isEndpoint, parseEndpoint } from './endpoint.ts';
import { isDevice } from './file-paths.ts';
import { didYouMean } from './nearest-word.ts';

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
  /** Names that may be referred to: those with problems of their own too. */
  readonly names: ReadonlySet<string>;
  /** A file could not be read: unknown names may stand there. */
  readonly incomplete: boolean;
}

/** `sockets`: paths of the server's own. */
export function clashes(consoles: readonly ResolvedConsole[], sockets: readonly string[]): ConfigProblem[] {
  return [...sharedEndpoints(consoles, sockets), ...sharedLogs(consoles), ...circles(consoles)];
}

interface User {
  readonly name: string;
  readonly wildcard: boolean;
  readonly host: string;
}

const WILDCARDS = ['0.0.0.0', '::'];

/** One problem for one line of a file: a template that gives 500 consoles the same port has one mistake. */
function sharedEndpoints(consoles: readonly ResolvedConsole[], sockets: readonly string[]): ConfigProblem[] {
  const users = new Map<string, User[]>();
  const problems = new Map<string, ConfigProblem>();
  for (const { config, layers } of consoles) {
    for (const [index, spec] of config.endpoints.entries()) {
      const parsed = parseEndpoint(spec, '127.0.0.1');
      if (!isEndpoint(parsed) || (parsed.kind === 'tcp' && parsed.port === 0)) {
        continue;
      }
      const isTcp = parsed.kind === 'tcp';
      const what = isTcp ? `port ${parsed.port}` : parsed.path;
      const host = isTcp ? parsed.host : '';
      const user = { name: config.name, wildcard: isTcp && WILDCARDS.includes(host), host };
      const key = isTcp ? `${parsed.family} ${parsed.port}` : parsed.path;
      const others = users.get(key) ?? [];
      users.set(key, others);
      const other = others.find((one) => one.host === host || one.wildcard || user.wildcard);
      if (other) {
        const who = other.name === config.name ? 'twice by the same console' : `by console '${other.name}' too`;
        const message = `console '${config.name}': ${what} is used ${who}`;
        tell(problems, layers.owner('endpoints').problem(['endpoints', index], message));
      }
      if (!isTcp && sockets.includes(parsed.path)) {
        const message = `console '${config.name}': ${what} is a socket of the server itself; take another name`;
        tell(problems, layers.owner('endpoints').problem(['endpoints', index], message));
      }
      if (!isTcp && config.source.kind === 'unix' && config.source.path === parsed.path) {
        const message = `console '${config.name}': ${what} is its own source`;
        tell(problems, layers.owner('endpoints').problem(['endpoints', index], message));
      }
      others.push(user);
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
      const message = `console '${config.name}': ${path} is the log of console '${other}' too; use {name} in log.path`;
      tell(problems, layers.owner('log', 'path').problem(['log', 'path'], message));
    } else {
      users.set(path, config.name);
    }
  }
  return [...problems.values()];
}

function tell(problems: Map<string, ConfigProblem>, problem: ConfigProblem): void {
  const place = `${problem.file}:${problem.line}:${problem.key}`;
  if (!problems.has(place)) {
    problems.set(place, problem);
  }
}

export function unknownAfter(consoles: readonly LayeredConsole[], { names, incomplete }: Known): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  for (const { name: who, layers } of incomplete ? [] : consoles) {
    for (const [index, name] of (layers.get('after') as string[]).entries()) {
      if (!names.has(name)) {
        const message = `console '${who}' waits for an unknown console '${name}'${didYouMean(name, names)}`;
        tell(problems, layers.owner('after').problem(['after', index], message));
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
    const path: { name: string; next: number }[] = done.has(start) ? [] : [{ name: start, next: 0 }];
    const onPath = new Set([start]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const one = byName.get(top.name) as ResolvedConsole;
      const name = one.config.after[top.next++];
      if (name === undefined) {
        done.add(top.name);
        onPath.delete(top.name);
        path.pop();
      } else if (onPath.has(name)) {
        const names = path.map((step) => step.name);
        const circle = [...names.slice(names.indexOf(name)), name].join(' -> ');
        problems.push(
          one.layers.owner('after').problem(['after'], `consoles wait for each other in a circle: ${circle}`),
        );
      } else if (byName.has(name) && !done.has(name)) {
        path.push({ name, next: 0 });
        onPath.add(name);
      }
    }
  }
  return problems;
}
