/** `[network]` -> the door to the network, or what is wrong with it. Pure. */
import type { ConfigProblem } from '../../model/config.ts';
import type { NetworkConfig, NetworkPlace, ProxyConfig } from '../../model/network-config.ts';
import { NetworkSchema, type NetworkTable } from '../../model/network-schema.ts';
import { milliseconds } from '../../model/units.ts';
import { isNetwork } from '../text/addresses.ts';
import { folderOf, resolvePath } from '../text/file-paths.ts';
import type { Schema } from '../text/schema-check.ts';
import { defaultsOf } from './layers.ts';
import { oidcFaults, oidcOf } from './oidc.ts';
import type { ConfigTables, PlacedTable } from './tables.ts';

type ProxyTable = NonNullable<NetworkTable['proxy']>;

const BUILT_IN = defaultsOf(NetworkSchema as unknown as Schema) as Required<
  Pick<NetworkTable, 'login' | 'user' | 'session' | 'connections' | 'connections_per_address'>
>;
const MAX_PORT = 65_535;
const USER = 'user:';

/** Undefined: there is no `[network]`, or it is broken. */
export function networkConfig(tables: ConfigTables, problems: ConfigProblem[]): NetworkConfig | undefined {
  const [first] = tables.network;
  if (first === undefined) {
    return undefined;
  }
  const before = problems.length;
  const owner = (key: keyof NetworkTable) =>
    tables.network.find(({ table, broken }) => table[key] !== undefined || broken.has(key));
  const value = <Key extends keyof NetworkTable>(key: Key): NetworkTable[Key] | undefined => owner(key)?.table[key];
  const problem = (key: keyof NetworkTable, message: string, ...path: (string | number)[]) =>
    problems.push((owner(key) ?? first).problem([key, ...path], message));
  const path = (key: 'certificate' | 'key' | 'client_ca'): string | undefined => {
    const text = value(key);
    return text === undefined ? undefined : resolvePath(folderOf((owner(key) as PlacedTable<NetworkTable>).file), text);
  };

  const listen = (value('listen') ?? []).map(placeOf);
  const isPlain = listen.length > 0 && listen.every((place) => 'path' in place || place.plain);
  for (const key of ['listen', ...(isPlain ? [] : (['certificate', 'key'] as const))] as const) {
    if (owner(key) === undefined && !tables.incomplete) {
      problems.push(first.problem([], `\`${key}\` is missing`));
    }
  }
  if (tables.access.length === 0 && !tables.incomplete) {
    const what = 'without [access] whoever logs in might do everything';
    problems.push(first.problem([], `${what}: add that section, with at least one [[access.rule]]`));
  }
  listen.forEach((place, index) => {
    const wrong = placeFault(place);
    if (wrong !== undefined) {
      problem('listen', wrong, index);
    }
  });
  const login = value('login') ?? BUILT_IN.login;
  const clientCa = path('client_ca');
  const [proxy, oidc] = [value('proxy'), value('oidc')];
  const namesPeople = owner('proxy') !== undefined && (proxy === undefined || proxy.user_header !== undefined);
  const isPerson = login.length > 0 || (!isPlain && owner('client_ca')) || namesPeople || owner('oidc');
  if (!isPerson && !tables.incomplete) {
    problem(
      'login',
      'nobody can log in: "password", "token", `client_ca`, [network.oidc] or `user_header` of [network.proxy]',
    );
  }
  for (const { message, path: at } of proxy ? proxyFaults(proxy) : []) {
    problem('proxy', message, ...at);
  }
  const url = value('url')?.replace(/\/$/, '').toLowerCase();
  for (const { key, message } of oidc && !tables.incomplete ? oidcFaults(oidc, url) : []) {
    problem('oidc', message, ...(key === undefined ? [] : [key]));
  }
  const [certificate, key] = [path('certificate'), path('key')];
  if (problems.length > before || (!isPlain && (certificate === undefined || key === undefined))) {
    return undefined;
  }
  return {
    ...{ listen, login },
    ...(certificate !== undefined && key !== undefined && !isPlain ? { certificate, key } : {}),
    ...(clientCa === undefined || isPlain ? {} : { clientCa }),
    ...(proxy && { proxy: proxyOf(proxy) }),
    ...(url === undefined ? {} : { url }),
    ...(oidc && { oidc: oidcOf(oidc, (text) => resolvePath(folderOf((owner('oidc') ?? first).file), text)) }),
    sessionMs: milliseconds(value('session') ?? BUILT_IN.session),
    user: value('user') ?? BUILT_IN.user,
    connections: value('connections') ?? BUILT_IN.connections,
    connectionsPerAddress: value('connections_per_address') ?? BUILT_IN.connections_per_address,
  };
}

function placeOf(text: string): NetworkPlace {
  if (text.startsWith('unix:')) {
    return { path: text.slice('unix:'.length) };
  }
  const [, plain, host = '', port] = /^(http:\/\/)?\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return { host, port: Number(port), ...(plain === undefined ? {} : { plain: true }) };
}

function placeFault(place: NetworkPlace): string | undefined {
  if ('path' in place) {
    return undefined;
  }
  const { host, plain, port } = place;
  if (port < 1 || port > MAX_PORT) {
    return `there is no port ${port}`;
  }
  return plain && !/^127\.|^::1$/.test(host)
    ? `HTTP without TLS listens on loopback only (127.0.0.1, [::1], or unix:PATH): on ${host} all could read along`
    : undefined;
}

function proxyFaults({ from = [], ...headers }: ProxyTable): { message: string; path: (string | number)[] }[] {
  const names = Object.entries(headers).map(([key, name]) => [key, String(name).toLowerCase()] as const);
  return [
    ...(from.length === 0 ? [{ message: '`from` is missing: whose word counts?', path: [] }] : []),
    ...(headers.groups_header !== undefined && headers.user_header === undefined
      ? [{ message: '`user_header` is missing: whose groups are they?', path: ['groups_header'] }]
      : []),
    ...from.flatMap((text, index) =>
      text.startsWith(USER) || isNetwork(text)
        ? []
        : [{ message: `'${text}': expected ADDRESS, ADDRESS/BITS or user:NAME`, path: ['from', index] }],
    ),
    ...names.flatMap(([key, name], index) =>
      names.findIndex(([, other]) => other === name) < index
        ? [{ message: `another key has the header ${name} already`, path: [key] }]
        : [],
    ),
  ];
}

function proxyOf({ address_header, from = [], groups_header, user_header }: ProxyTable): ProxyConfig {
  return {
    networks: from.filter((text) => !text.startsWith(USER)),
    users: from.filter((text) => text.startsWith(USER)).map((text) => text.slice(USER.length)),
    ...(user_header === undefined ? {} : { userHeader: user_header.toLowerCase() }),
    ...(groups_header === undefined ? {} : { groupsHeader: groups_header.toLowerCase() }),
    ...(address_header === undefined ? {} : { addressHeader: address_header.toLowerCase() }),
  };
}
