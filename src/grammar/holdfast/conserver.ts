/** `[conserver]` -> the conserver listener of the host, or what is wrong with it. Pure. */
import { bytesOf } from '../../model/byte-text.ts';
import type { ConfigProblem } from '../../model/config.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import type { AllowedUser, ConserverListener, ConserverTls } from '../../model/conserver-config.ts';
import { ConserverSchema, type ConserverTable } from '../../model/conserver-schema.ts';
import { textOf as latin1Of } from '../../model/latin1.ts';
import { Suggestions } from '../../model/nearest-word.ts';
import { milliseconds } from '../../model/units.ts';
import { carriedConsole } from '../conserver/console.ts';
import { listenerOfCf } from '../conserver/listener.ts';
import type { ConserverConfig, ConsoleRecord } from '../conserver/records.ts';
import { PREDEFINED_BREAKS } from '../conserver/signals.ts';
import type { Fault, Position } from '../conserver/source.ts';
import { folderOf, resolvePath } from '../text/file-paths.ts';
import type { Schema } from '../text/schema-check.ts';
import { TomlPlaces } from '../text/toml-places.ts';
import type { Known } from './clashes.ts';
import type { ConsoleTables } from './discovered.ts';
import { defaultsOf } from './layers.ts';
import { type ConfigTables, isConsoleName, PlacedTable } from './tables.ts';

type Section = PlacedTable<ConserverTable>;

/** Files that `[conserver]` names; absolute paths. */
export interface ConserverFiles {
  readonly cf?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly passwordFile?: string;
}

/** The contents of those files. */
export interface ConserverFound {
  /** Absent: none is named, or it cannot be read. */
  readonly cf?: {
    readonly config: ConserverConfig;
    readonly isThisHost: (name: string) => boolean;
    /** Of the settings, resolved. */
    readonly ports: { readonly primary?: number; readonly secondary?: number };
  };
  /** For files that cannot be read or used: the key that names it, and why. */
  readonly problems: readonly { readonly key: 'cf' | 'tls' | 'password_file'; readonly message: string }[];
  readonly faults: readonly Fault[];
}

const BUILT_IN = defaultsOf(ConserverSchema as unknown as Schema) as Required<
  Omit<ConserverTable, 'cf' | 'tls' | 'password_file'>
>;

/** Keys that may stand beside `cf`. */
const BESIDE_CF = [
  'cf',
  'listen',
  'port',
  'group_port',
  'tls',
  'password_file',
  'consoles',
  'write',
  'read',
] as const satisfies readonly (keyof ConserverTable)[];

/** Of a break; conserver has no longer ones. */
const MAX_DELAY_MS = 999;
const DEFAULT_DELAY = '250ms';

/** conserver leaves a log alone unless it is told otherwise. */
const UNBOUNDED: ConsoleTable = { log: { size: 'unlimited' } };

const NOTHING: ConserverFound = { problems: [], faults: [] };
const LOOPBACK = /^127\./;

/** Undefined: there is no `[conserver]`. */
export function conserverFiles(tables: ConfigTables): ConserverFiles | undefined {
  if (tables.conserver.length === 0) {
    return undefined;
  }
  const { table } = joined(tables);
  const tls = typeof table.tls === 'object' ? table.tls : undefined;
  return {
    ...path(tables, 'cf', table.cf, 'cf'),
    ...path(tables, 'tls', tls?.cert, 'cert'),
    ...path(tables, 'tls', tls?.key ?? tls?.cert, 'key'),
    ...path(tables, 'tls', tls?.ca, 'ca'),
    ...path(tables, 'password_file', table.password_file, 'passwordFile'),
  };
}

/**
 * Consoles that the conserver.cf adds to the host; for those with a table of their own it supplies what the table does
 * not set.
 */
export function addConserverConsoles(
  consoles: Map<string, ConsoleTables>,
  found: ConserverFound = NOTHING,
  problems: ConfigProblem[],
): void {
  for (const record of localRecords(found)) {
    const carried = carriedConsole(record);
    if (!isConsoleName(record.name)) {
      const allowed = 'letters, digits and _ . : @ + -, the first a letter or digit';
      problems.push(atPlace(record.at, `'${record.name}' is not a name of a console here; expected ${allowed}`));
    } else if (carried !== undefined) {
      const layer = placed(record, carried.table);
      const below = placed(record, UNBOUNDED);
      const { own, between, ...known } = consoles.get(record.name) ?? { own: layer, between: [] };
      consoles.set(record.name, { ...known, own, between: own === layer ? [] : [...between, layer], below });
    }
  }
}

export function conserverListener(
  tables: ConfigTables,
  found: ConserverFound = NOTHING,
  known: Known,
  problems: ConfigProblem[],
): ConserverListener | undefined {
  const [first] = tables.conserver;
  if (first === undefined) {
    return undefined;
  }
  const before = problems.length;
  const { table, owner } = joined(tables);
  for (const { key, message } of found.problems) {
    problems.push(owner(key).problem([key], message));
  }
  for (const { at, message } of found.faults) {
    problems.push(atPlace(at, message, owner('cf')));
  }
  const files = conserverFiles(tables) as ConserverFiles;
  const listener =
    table.cf === undefined
      ? ofTable(table, owner, files, problems)
      : found.cf && ofCf(table, owner, files, found.cf, problems);
  checkPorts(listener, table.group_port === undefined ? 'port' : 'group_port', owner, problems);
  checkAliases(table.aliases ?? {}, owner, known, problems);
  return problems.length > before ? undefined : listener;
}

type Owner = (key: keyof ConserverTable) => Section;

/** The section may be spread over files. */
function joined(tables: ConfigTables): { readonly table: ConserverTable; readonly owner: Owner } {
  const first = tables.conserver[0] as Section;
  return {
    table: Object.assign({}, ...tables.conserver.map(({ table }) => table)),
    owner: (key) => tables.conserver.find(({ table }) => table[key] !== undefined) ?? first,
  };
}

function path(tables: ConfigTables, key: keyof ConserverTable, value: string | undefined, as: keyof ConserverFiles) {
  return value === undefined ? {} : { [as]: resolvePath(folderOf(joined(tables).owner(key).file), value) };
}

function ofTable(
  table: ConserverTable,
  owner: Owner,
  files: ConserverFiles,
  problems: ConfigProblem[],
): ConserverListener {
  const given = { ...BUILT_IN, ...table };
  const hosts = (['rejected', 'trusted', 'allowed'] as const).flatMap((access) =>
    given[access].map((network, index) => {
      const wrong = hostBits(network);
      if (wrong !== undefined) {
        problems.push(owner(access).problem([access, index], wrong));
      }
      return { access, pattern: network.includes('/') ? network : `${network}/32` };
    }),
  );
  const everybody = { write: users(given.write), read: users(given.read) };
  return {
    ...common(table, owner, files, tlsOf(table, owner, files, problems)),
    ...{ tlsRequired: given.tls_required, hosts, defaultAccess: 'rejected' },
    ...{ admin: users(given.admin), limited: users(given.limited), aliases: given.aliases, everybody },
    rights: Object.entries(given.rights).map(([pattern, { write, read }]) => ({
      pattern,
      write: write ? users(write) : everybody.write,
      read: read ? users(read) : everybody.read,
    })),
    details: new Map(),
    remotes: Object.entries(given.remote).flatMap(([master, names]) =>
      names.map((name) => ({ name, aliases: [], master })),
    ),
    ...{ autocomplete: given.autocomplete, redirect: true, hostNames: given.host_names },
    breaks: { ...Object.fromEntries(PREDEFINED_BREAKS), ...breaksOf(given.breaks, owner, problems) },
    tasks: tasksOf(given.tasks),
  };
}

function breaksOf(
  breaks: Required<ConserverTable>['breaks'],
  owner: Owner,
  problems: ConfigProblem[],
): ConserverListener['breaks'] {
  return Object.fromEntries(
    Object.entries(breaks).map(([id, { send, delay = DEFAULT_DELAY, confirm = false }]) => {
      const time = milliseconds(delay);
      if (time > MAX_DELAY_MS) {
        problems.push(owner('breaks').problem(['breaks', id, 'delay'], `a pause has at most ${MAX_DELAY_MS} ms`));
      }
      return [id, { string: bytesOfText(send), delay: time, confirm }];
    }),
  );
}

function tasksOf(tasks: Required<ConserverTable>['tasks']): ConserverListener['tasks'] {
  return Object.fromEntries(
    Object.entries(tasks).map(([id, { command, description, confirm = false, user, group }]) => [
      id,
      {
        ...{ cmd: bytesOfText(command), named: true as const, confirm },
        ...(description !== undefined && { description: bytesOfText(description) }),
        ...((user !== undefined || group !== undefined) && { runas: defined({ user, group }) }),
      },
    ]),
  );
}

/** As a byte string. */
function bytesOfText(text: string): string {
  return latin1Of(bytesOf(text));
}

function ofCf(
  table: ConserverTable,
  owner: Owner,
  files: ConserverFiles,
  { config, isThisHost, ports }: NonNullable<ConserverFound['cf']>,
  problems: ConfigProblem[],
): ConserverListener {
  for (const key of Object.keys(table) as (keyof ConserverTable)[]) {
    if (!(BESIDE_CF as readonly string[]).includes(key)) {
      problems.push(owner(key).problem([key], "'cf' is given, and that file says this; remove one of them"));
    }
  }
  const { settings } = config;
  const { sslcredentials, sslcacertificatefile, sslreqclientcert } = settings;
  const wantsTls = settings.sslrequired ?? true;
  let tls: ConserverTls = { kind: 'none' };
  if (table.tls !== undefined) {
    tls = tlsOf(table, owner, files, problems);
  } else if (sslcredentials !== undefined) {
    const ca = sslreqclientcert ? sslcacertificatefile : undefined;
    tls = { kind: 'certificate', cert: sslcredentials, key: sslcredentials, ...(ca !== undefined && { ca }) };
  } else if (wantsTls) {
    const message =
      'that file asks for encryption (sslrequired) and names no sslcredentials; give them there, or tls = "legacy" here for the anonymous kind, or say sslrequired no';
    problems.push(owner('cf').problem(['cf'], message));
  } else {
    tls = tlsOf(table, owner, files, problems);
  }
  const passwordFile = files.passwordFile ?? settings.passwdfile;
  const { primary, secondary } = ports;
  return {
    ...common({ ...defined({ port: primary, group_port: secondary }), ...table }, owner, files, tls),
    ...(passwordFile !== undefined && { passwordFile }),
    ...listenerOfCf(config, isThisHost),
    tlsRequired: wantsTls,
    everybody: { write: users(table.write ?? BUILT_IN.write), read: users(table.read ?? BUILT_IN.read) },
  };
}

function common(table: ConserverTable, owner: Owner, { cf, passwordFile }: ConserverFiles, tls: ConserverTls) {
  const given = { ...BUILT_IN, ...table };
  const section = owner(table.cf === undefined ? 'listen' : 'cf');
  return {
    place: { file: section.file, line: section.line() },
    ...(cf !== undefined && { cf }),
    ...{ listen: given.listen, port: given.port, groupPort: given.group_port, consoles: given.consoles, tls },
    ...(passwordFile !== undefined && { passwordFile }),
  };
}

function tlsOf(
  { tls, listen = BUILT_IN.listen }: ConserverTable,
  owner: Owner,
  { cert, key, ca }: ConserverFiles,
  problems: ConfigProblem[],
): ConserverTls {
  if (typeof tls === 'object') {
    return { kind: 'certificate', cert: cert as string, key: key as string, ...(ca !== undefined && { ca }) };
  }
  const open = listen.findIndex((address) => !LOOPBACK.test(address));
  if (tls === undefined && open >= 0) {
    const message = `${listen[open]} can be reached from elsewhere: say tls = { cert = ... }, tls = "legacy" or tls = "none"`;
    problems.push(owner('listen').problem(['listen', open], message));
  }
  return { kind: tls ?? 'none' };
}

function checkPorts(
  listener: ConserverListener | undefined,
  key: 'port' | 'group_port',
  owner: Owner,
  problems: ConfigProblem[],
): void {
  if (listener && listener.port === listener.groupPort) {
    const message = `port and group_port are both ${listener.port}: two are needed; 0 is any free one`;
    problems.push(owner(key).problem([key], message));
  }
}

function checkAliases(
  aliases: Readonly<Record<string, string>>,
  owner: Owner,
  { names, incomplete }: Known,
  problems: ConfigProblem[],
): void {
  const suggestions = new Suggestions(() => names);
  for (const [alias, name] of Object.entries(aliases)) {
    if (names.has(alias)) {
      problems.push(
        owner('aliases').problem(['aliases', alias], 'a console has this name; an alias needs another one'),
      );
    } else if (!names.has(name) && !incomplete) {
      const meant = suggestions.didYouMean(name) || '; it is not configured';
      problems.push(owner('aliases').problem(['aliases', alias], `unknown console '${name}'${meant}`));
    }
  }
}

function users(words: readonly string[]): AllowedUser[] {
  return words.map((word) => ({ name: word.replace(/^!/, ''), allowed: !word.startsWith('!') }));
}

/** conserver takes a network with host bits set for that one address; here that is reported as a mistake. */
function hostBits(network: string): string | undefined {
  const [quad = '', bits = '32'] = network.split('/');
  const address = quad.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - Number(bits));
  if (address % size === 0) {
    return undefined;
  }
  const start = address - (address % size);
  const shown = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.');
  return `${network} has bits set beyond /${bits}; write ${shown}/${bits} or ${quad}`;
}

function localRecords({ cf }: ConserverFound): readonly ConsoleRecord[] {
  return cf === undefined ? [] : cf.config.consoles.filter(({ master }) => cf.isThisHost(master));
}

function placed({ name, at }: ConsoleRecord, table: ConsoleTable): PlacedTable<ConsoleTable> {
  const places = new TomlPlaces();
  places.set(['console', name], at.line);
  return new PlacedTable(table, at.file, ['console', name], places);
}

/** Faults without a place are reported where the file is named. */
function atPlace(at: Position | undefined, message: string, section?: Section): ConfigProblem {
  if (at === undefined && section) {
    return section.problem(['cf'], message);
  }
  return { file: at?.file ?? '', line: at?.line ?? 1, ...(at && { column: at.column }), key: '', message };
}

function defined<T extends object>(values: { [Key in keyof T]: T[Key] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
