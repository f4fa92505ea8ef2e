/** Consoles of this host -> the lines of a conserver.cf. */

import type { ConsoleConfig } from '../../model/config.ts';
import { type Endpoint, notationOf } from '../../model/endpoint.ts';
import { isEndpoint, parseEndpoint } from '../../model/endpoint-notation.ts';

export type ExportedConsole = Pick<ConsoleConfig, 'name' | 'description' | 'endpoints'>;

export interface ConserverExport {
  readonly text: string;
  /** Names of consoles that cannot be reached, by what makes them reachable. */
  readonly left: ReadonlyMap<string, readonly string[]>;
}

const LOOPBACK = '127.0.0.1';
const EVERYWHERE = ['0.0.0.0', '::'];
const MAX_UDS = 107;

/** `host`: name of this host for a conserver elsewhere; absent: it runs here. */
export function conserverCf(
  consoles: readonly ExportedConsole[],
  master: string,
  host: string | undefined,
): ConserverExport {
  const left = new Map<string, string[]>();
  const blocks = consoles.flatMap((console) => {
    // Those first where people may do more than is said there.
    const specs = console.endpoints.toSorted((a, b) => Number(typeof a !== 'string') - Number(typeof b !== 'string'));
    const endpoints = specs.map((spec) => parseEndpoint(notationOf(spec), LOOPBACK)).filter(isEndpoint);
    const line = host === undefined ? lineHere(endpoints) : lineFrom(endpoints, host);
    if (line === undefined) {
      const reason = reasonFor(endpoints, host);
      const names = left.get(reason) ?? [];
      names.push(console.name);
      left.set(reason, names);
      return [];
    }
    const words = [`master ${value(master)}`, ...line, ...descriptionOf(console)];
    return [`console ${value(console.name)} {\n${words.map((word) => `    ${word};\n`).join('')}}\n`];
  });
  return { text: blocks.join(''), left };
}

function lineHere(endpoints: readonly Endpoint[]): string[] | undefined {
  const [unix] = endpoints.flatMap((one) => (one.kind === 'unix' && isPath(one.path) ? [one.path] : []));
  if (unix !== undefined) {
    return ['type uds', `uds ${value(unix)}`];
  }
  const tcp = endpoints.find((one) => one.kind === 'tcp' && one.port !== 0);
  if (tcp?.kind !== 'tcp') {
    return undefined;
  }
  return lineTo(EVERYWHERE.includes(tcp.host) ? LOOPBACK : tcp.host, tcp.port);
}

function lineFrom(endpoints: readonly Endpoint[], host: string): string[] | undefined {
  const tcp = endpoints.find((one) => one.kind === 'tcp' && one.port !== 0 && !isLoopback(one.host));
  return tcp?.kind === 'tcp' ? lineTo(EVERYWHERE.includes(tcp.host) ? host : tcp.host, tcp.port) : undefined;
}

function lineTo(host: string, port: number): string[] {
  return ['type host', `host ${value(host)}`, `port ${port}`, 'protocol telnet'];
}

/** conserver has no abstract sockets. */
function isPath(path: string): boolean {
  return path.startsWith('/') && path.length <= MAX_UDS;
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1';
}

function descriptionOf({ description }: ExportedConsole): string[] {
  return description === '' ? [] : [`motd ${value(description.replace(/\s+/g, ' '))}`];
}

function reasonFor(endpoints: readonly Endpoint[], host: string | undefined): string {
  if (host !== undefined) {
    return 'no TCP endpoint beyond loopback: give it one, such as endpoints = ["0.0.0.0:20011"]';
  }
  return endpoints.length === 0
    ? 'no endpoint: give it one, such as endpoints = ["unix:{name}/control"]'
    : 'only endpoints that conserver cannot reach (a port that the kernel chooses, an abstract socket)';
}

/** A value as written in a conserver.cf; a backslash before a quote would escape it. */
function value(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"').replace(/\\+$/, '')}"`;
}
