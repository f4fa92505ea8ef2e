/** `[network]` -> the door to the network, or what is wrong with it. Pure. */
import type { ConfigProblem } from '../../model/config.ts';
import type { NetworkAddress, NetworkConfig } from '../../model/network-config.ts';
import { NetworkSchema, type NetworkTable } from '../../model/network-schema.ts';
import { milliseconds } from '../../model/units.ts';
import { folderOf, resolvePath } from '../text/file-paths.ts';
import type { Schema } from '../text/schema-check.ts';
import { defaultsOf } from './layers.ts';
import { oidcFaults, oidcOf } from './oidc.ts';
import type { ConfigTables, PlacedTable } from './tables.ts';

const BUILT_IN = defaultsOf(NetworkSchema as unknown as Schema) as Required<
  Pick<NetworkTable, 'login' | 'user' | 'session' | 'connections' | 'connections_per_address'>
>;
const REQUIRED = ['listen', 'certificate', 'key'] as const satisfies readonly (keyof NetworkTable)[];
const MAX_PORT = 65_535;

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
  const path = (key: 'certificate' | 'key' | 'client_ca'): string | undefined => {
    const text = value(key);
    return text === undefined ? undefined : resolvePath(folderOf((owner(key) as PlacedTable<NetworkTable>).file), text);
  };

  for (const key of REQUIRED) {
    if (owner(key) === undefined && !tables.incomplete) {
      problems.push(first.problem([], `\`${key}\` is missing`));
    }
  }
  if (tables.access.length === 0 && !tables.incomplete) {
    const what = 'without [access] whoever logs in might do everything';
    problems.push(first.problem([], `${what}: add that section, with at least one [[access.rule]]`));
  }
  const listen = (value('listen') ?? []).map(addressOf);
  listen.forEach(({ port }, index) => {
    if (port < 1 || port > MAX_PORT) {
      problems.push((owner('listen') ?? first).problem(['listen', index], `there is no port ${port}`));
    }
  });
  const login = value('login') ?? BUILT_IN.login;
  const clientCa = path('client_ca');
  const oidc = value('oidc');
  if (login.length === 0 && !owner('client_ca') && !owner('oidc') && !tables.incomplete) {
    problems.push(
      (owner('login') ?? first).problem(
        ['login'],
        'nobody can log in: "password", "token", `client_ca` or [network.oidc]',
      ),
    );
  }
  const url = value('url')?.replace(/\/$/, '').toLowerCase();
  for (const { key, message } of oidc && !tables.incomplete ? oidcFaults(oidc, url) : []) {
    problems.push((owner('oidc') ?? first).problem(key === undefined ? ['oidc'] : ['oidc', key], message));
  }
  const [certificate, key] = [path('certificate'), path('key')];
  if (problems.length > before || certificate === undefined || key === undefined) {
    return undefined;
  }
  return {
    ...{ listen, certificate, key, login },
    ...(clientCa === undefined ? {} : { clientCa }),
    ...(url === undefined ? {} : { url }),
    ...(oidc && { oidc: oidcOf(oidc, (text) => resolvePath(folderOf((owner('oidc') ?? first).file), text)) }),
    sessionMs: milliseconds(value('session') ?? BUILT_IN.session),
    user: value('user') ?? BUILT_IN.user,
    connections: value('connections') ?? BUILT_IN.connections,
    connectionsPerAddress: value('connections_per_address') ?? BUILT_IN.connections_per_address,
  };
}

function addressOf(text: string): NetworkAddress {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
