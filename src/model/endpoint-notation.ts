/** Endpoints as procServ names them (spec/procserv.md 2), and IPv6 addresses in brackets besides. Pure. */
import type { Endpoint } from './endpoint.ts';

export type EndpointError =
  | { readonly reason: 'port'; readonly text: string }
  | { readonly reason: 'spec'; readonly text: string }
  | { readonly reason: 'permissions'; readonly text: string }
  | { readonly reason: 'no-path' }
  | { readonly reason: 'long-path' };

/** sun_path of a unix socket, with the trailing NUL that a path needs. */
const SUN_PATH_BYTES = 108;
const DEFAULT_MODE = 0o666;

/** An address to listen on; without one, `defaultHost`. */
export function parseEndpoint(spec: string, defaultHost: string): Endpoint | EndpointError {
  if (spec.startsWith('unix:')) {
    return parseUnix(spec.slice('unix:'.length));
  }
  const match = /^(?:(\d+\.\d+\.\d+\.\d+):|\[([0-9a-fA-F:.]+)\]:)?\s*(\d+)\s*$/.exec(spec);
  if (
    match === null ||
    (match[1] !== undefined && !isIPv4(match[1])) ||
    (match[2] !== undefined && !isIPv6(match[2]))
  ) {
    return { reason: 'spec', text: spec };
  }
  const port = Number(match[3]);
  if (port > 65535) {
    return { reason: 'port', text: match[3] as string };
  }
  const host = match[1] ?? match[2] ?? defaultHost;
  return { kind: 'tcp', host, family: host.includes(':') ? 6 : 4, port };
}

export function isEndpoint(parsed: Endpoint | EndpointError): parsed is Endpoint {
  return 'kind' in parsed;
}

function parseUnix(rest: string): Endpoint | EndpointError {
  const fields = rest.split(':');
  if (fields.length === 1) {
    return withPath(rest, {});
  }
  if (fields.length < 4) {
    return { reason: 'permissions', text: rest };
  }
  const [user, group, permissions] = fields as [string, string, string];
  if (!/^[0-7]{0,5}$/.test(permissions)) {
    return { reason: 'permissions', text: rest };
  }
  return withPath(fields.slice(3).join(':'), {
    ...(user === '' ? {} : { user }),
    ...(group === '' ? {} : { group }),
    ...(permissions === '' ? {} : { mode: Number.parseInt(permissions, 8) }),
  });
}

function withPath(path: string, given: { user?: string; group?: string; mode?: number }): Endpoint | EndpointError {
  if (path === '' || path === '@') {
    return { reason: 'no-path' };
  }
  if (utf8Length(path) >= SUN_PATH_BYTES) {
    return { reason: 'long-path' };
  }
  return { kind: 'unix', path, mode: DEFAULT_MODE, ...given };
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

function isIPv4(text: string): boolean {
  return text.split('.').every((part) => Number(part) <= 255);
}

/** Good enough to tell an address from a typing mistake; bind(2) decides in the end. */
function isIPv6(text: string): boolean {
  return /^(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F]{0,4}|\d+\.\d+\.\d+\.\d+)$/.test(text);
}

/** The problem with an endpoint, and the forms it may take. */
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
