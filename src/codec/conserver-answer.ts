/** Parses servers' answers to a client's commands (spec/conserver.md 2.4 to 2.6). */

/** Answer to `call`, on a master or on a group port. Every text is the server's, with its CRLF. */
export type CallAnswer =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'redirect'; readonly host: string }
  | { readonly kind: 'attached'; readonly text: string; readonly access: 'writing' | 'watching' | 'read-only' }
  | { readonly kind: 'refused'; readonly text: string };

export function parseCallAnswer(text: string): CallAnswer {
  const bare = text.trim();
  if (bare.startsWith('[')) {
    const access = bare === '[attached]' ? 'writing' : bare === '[console is read-only]' ? 'read-only' : 'watching';
    return { kind: 'attached', text, access };
  }
  if (bare.startsWith('@') && bare.length > 1) {
    return { kind: 'redirect', host: bare.slice(1) };
  }
  const port = parsePort(bare);
  return port === undefined ? { kind: 'refused', text } : { kind: 'port', port };
}

/** Answer to `groups`: the group ports, none for an empty line; undefined if it is something else. */
export function parseGroupsAnswer(text: string): number[] | undefined {
  const bare = text.trim();
  const ports = bare === '' ? [] : bare.split(':').map(parsePort);
  return ports.includes(undefined) ? undefined : (ports as number[]);
}

/** Answer to `master`: the servers, without their `@`; undefined if it is something else. */
export function parseMasterAnswer(text: string): string[] | undefined {
  const bare = text.trim();
  if (bare === '') {
    return [];
  }
  // An IPv6 address has colons of its own: only `:@` separates.
  return bare.startsWith('@') ? bare.slice(1).split(':@') : undefined;
}

/** Answer to `passwd?`: the name that the server gives itself; undefined when no password is wanted. */
export function parsePasswordRequest(text: string): string | undefined {
  return /^passwd\?\s*(.*?)\s*$/s.exec(text)?.[1];
}

/** Users that `ok -- disconnected N users` counts; undefined for a refusal. */
export function parseDisconnected(text: string): number | undefined {
  const count = /^ok -- disconnected (\d+) user/.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** The number in `[8002007]`, 0 when the server does not know the question. */
export function parseServerVersion(text: string): number {
  return Number(/^\[(\d{1,9})\]/.exec(text)?.[1] ?? 0);
}

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}
