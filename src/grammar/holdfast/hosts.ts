/** `hosts.toml`: the hosts at which a user is logged in, as `holdfast login` writes it. Pure. */
import { parse, stringify } from 'smol-toml';

export interface KnownHost {
  /** As the user calls it. */
  readonly name: string;
  /** Name or address. */
  readonly host: string;
  readonly port: number;
  /** How it is known: by the fingerprint of its key, or by an authority, a PEM file. */
  readonly key?: string;
  readonly ca?: string;
  readonly user?: string;
  readonly token: string;
  /** Of the token; absent: it was made elsewhere, and stays when the user logs out. */
  readonly id?: string;
  /** ISO 8601, of the token. */
  readonly until?: string;
}

const HEAD = '# Written by holdfast login. A token is as good as a password.\n\n';
const TEXTS = ['key', 'ca', 'user', 'id', 'until'] as const satisfies readonly (keyof KnownHost)[];

/** Throws an error that says what is wrong with it, without quoting it. */
export function parseHosts(text: string): readonly KnownHost[] {
  let tables: Readonly<Record<string, unknown>>;
  try {
    tables = parse(text);
  } catch (error) {
    // The message has the lines of the file in it, and the file has tokens.
    throw new Error(`line ${(error as { line?: number }).line ?? '?'} is not TOML`);
  }
  return Object.entries(tables).map(([name, table]) => hostOf(name, table));
}

export function hostsText(hosts: readonly KnownHost[]): string {
  const sorted = [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1));
  return HEAD + stringify(Object.fromEntries(sorted.map(({ name, ...rest }) => [name, rest])));
}

function hostOf(name: string, table: unknown): KnownHost {
  const { host, port, token, ...rest } = (typeof table === 'object' && table !== null ? table : {}) as Readonly<
    Record<string, unknown>
  >;
  const texts = TEXTS.flatMap((key) => (rest[key] === undefined ? [] : [[key, rest[key]] as const]));
  const isWhole =
    typeof host === 'string' &&
    Number.isInteger(port) &&
    typeof token === 'string' &&
    texts.every(([, value]) => typeof value === 'string') &&
    (rest.key === undefined) !== (rest.ca === undefined);
  if (!isWhole) {
    throw new Error(`the entry of ${name} is damaged`);
  }
  return { name, host, port: Number(port), token, ...Object.fromEntries(texts) };
}
