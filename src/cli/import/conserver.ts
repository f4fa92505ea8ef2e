/** conserver.cf -> the consoles of this host, and `[conserver]` for those who use them. */
import { existsSync } from 'node:fs';
import { loadConserver } from '../../config/load-conserver-cf.ts';
import { parseNetwork } from '../../grammar/conserver/access.ts';
import { carriedConsole, textOfCf } from '../../grammar/conserver/console.ts';
import type {
  AccessRecord,
  ConserverConfig,
  ConsoleRecord,
  ServerSettings,
  UserList,
} from '../../grammar/conserver/records.ts';
import { PREDEFINED_BREAKS } from '../../grammar/conserver/signals.ts';
import { isConsoleName } from '../../grammar/holdfast/tables.ts';
import { isDevice } from '../../grammar/text/file-paths.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import type { ConserverTable } from '../../model/conserver-schema.ts';
import { ConsoleNames } from './console-names.ts';
import type { Imported, ImportedConsole, ImportSource, Note } from './imported.ts';

const USUAL = '/etc/conserver/conserver.cf';
const PASSWORDS = '/etc/conserver/conserver.passwd';
const ABOUT = [
  'Options of the conserver service (-p, -M, -P, -c, ...) are not in its file: see `port`, `listen`, `tls`.',
  'Take the consoles from conserver before you start them here: systemctl disable --now conserver-server.',
];
const GROWS =
  'Without logfilemax conserver lets a log grow, hence size = "unlimited"; with another `size` it is rotated.';
const ACCESS = ['rejected', 'trusted', 'allowed'] as const;
const EVERYTHING = '0.0.0.0/0';

export async function importConserver({ paths }: ImportSource): Promise<Imported> {
  const [file = USUAL, second] = paths;
  const place = { file, line: 1 };
  const nothing = { about: ABOUT, consoles: [], notes: [] };
  if (second !== undefined) {
    const text = 'one conserver.cf at a time: it includes the others';
    return { ...nothing, problems: [{ place: { file: second, line: 1 }, text }] };
  }
  let loaded: Awaited<ReturnType<typeof loadConserver>>;
  try {
    loaded = await loadConserver(file);
  } catch (error) {
    return { ...nothing, problems: [{ place, text: (error as Error).message.replace(/, \w+( '.*')?$/, '') }] };
  }
  const { config, isThisHost } = loaded;
  const problems = config.faults.map(({ at, message }) => ({ place: at ?? place, text: message }));
  const local = config.consoles.filter(({ master }) => isThisHost(master));
  const names = new ConsoleNames();
  const notes: Note[] = [];
  const named = new Map<ConsoleRecord, string>();
  const consoles = local.flatMap((record): ImportedConsole[] => {
    const carried = carriedConsole(record);
    if (carried === undefined) {
      notes.push({ place: record.at, text: `${record.name} is a noop console: it has no line` });
      return [];
    }
    const name = names.take(record.name);
    named.set(record, name);
    const was = textOfCf(record.name);
    const renamed = name === was ? [] : [`was '${was.toWellFormed()}', which is not a name for a console`];
    const foreign = foreignKeys(carried.table).map(
      (key) => `${key} is not UTF-8: its bytes were taken for Latin-1, and become UTF-8`,
    );
    return [
      {
        name,
        place: record.at,
        table: fromLatin1(unbounded(carried.table)),
        notes: [...renamed, ...foreign, ...carried.notes].map((text) => ({ place: record.at, text })),
      },
    ];
  });
  const remote = config.consoles.filter(({ master }) => !isThisHost(master));
  const conserver = { place, ...listenerOf(config, isThisHost, named, remote, place) };
  const grows = consoles.some(({ table: { log } }) => log && log.size === 'unlimited');
  const about = grows ? [...ABOUT, GROWS] : ABOUT;
  return { about, conserver, consoles, notes, problems, nothing: nothingOf(file, config.consoles, remote) };
}

/** Without logfilemax conserver lets a log grow. */
function unbounded(table: ConsoleTable): ConsoleTable {
  const { log } = table;
  if (!log || log.path === undefined || log.size !== undefined || isDevice(log.path)) {
    return table;
  }
  return { ...table, log: { path: log.path, size: 'unlimited', ...log } };
}

/** Why no console was found in a readable file. */
function nothingOf(file: string, all: readonly ConsoleRecord[], remote: readonly ConsoleRecord[]): string {
  if (all.length === 0) {
    return `${file} has no console`;
  }
  if (remote.length === 0) {
    return `${file} has only noop consoles, which have no line`;
  }
  const masters = [...new Set(remote.map(({ master }) => textOfCf(master)))].join(', ');
  return `consoles of ${file} have other masters: ${masters}. None of these is this host: import the file there`;
}

function breaksOf(breaks: ConserverConfig['breaks']): Pick<ConserverTable, 'breaks'> {
  const own = [...breaks].filter(([key, value]) => !isPredefined(key, value));
  const tables = own.map(([id, { string, delay, confirm }]) => [
    id,
    { send: fromLatin1(textOfCf(string)), delay: `${delay}ms`, ...(confirm && { confirm }) },
  ]);
  return own.length === 0 ? {} : { breaks: Object.fromEntries(tables) };
}

function tasksOf(tasks: ConserverConfig['tasks']): Pick<ConserverTable, 'tasks'> {
  const tables = [...tasks].map(([id, { cmd, description, confirm, runas = {} }]) => [
    id,
    {
      command: fromLatin1(textOfCf(cmd)),
      ...(description !== undefined && { description: fromLatin1(textOfCf(description)) }),
      ...(confirm && { confirm }),
      ...(runas.user !== undefined && { user: fromLatin1(textOfCf(runas.user)) }),
      ...(runas.group !== undefined && { group: fromLatin1(textOfCf(runas.group)) }),
    },
  ]);
  return tables.length === 0 ? {} : { tasks: Object.fromEntries(tables) };
}

function listenerOf(
  config: ConserverConfig,
  isThisHost: (name: string) => boolean,
  named: ReadonlyMap<ConsoleRecord, string>,
  remote: readonly ConsoleRecord[],
  place: { readonly file: string; readonly line: number },
): { readonly table: ConserverTable; readonly notes: readonly Note[] } {
  const notes: Note[] = [];
  const { settings, breaks, tasks } = config;
  const ours = config.access.filter(({ name }) => name === '*' || isThisHost(name));
  const port = settings.primaryport === undefined ? undefined : Number(settings.primaryport);
  const password = settings.passwdfile ?? (existsSync(PASSWORDS) ? PASSWORDS : undefined);
  const lists = rightsOf(named);
  if (settings.redirect === false) {
    notes.push({ place, text: 'redirect no: here clients are sent on to the hosts of `remote`' });
  }
  for (const [id] of [...tasks].filter(([, { subst }]) => subst !== undefined)) {
    notes.push({ place, text: `task ${id}: its subst has no place here; write {name} for the console` });
  }
  if (settings.unifiedlog !== undefined) {
    notes.push({ place, text: 'unifiedlog: is `unified_log` of `[server]` here' });
  }
  for (const key of ['logfile', 'initdelay', 'reinitcheck'] as const) {
    if (settings[key] !== undefined) {
      notes.push({ place, text: `${key}: has no place here` });
    }
  }
  const aliases = [...named].flatMap(([record, name]) =>
    record.aliases.flatMap((bytes) => {
      const alias = fromLatin1(textOfCf(bytes));
      if (!isConsoleName(alias)) {
        notes.push({ place: record.at, text: `alias '${alias}' of ${name} is not a name here` });
        return [];
      }
      return [[alias, name]];
    }),
  );
  const masters = [...new Set(remote.map(({ master }) => master))];
  return {
    table: {
      listen: ['0.0.0.0'],
      ...(port !== undefined && port > 0 && { port }),
      tls: tlsOf(settings),
      ...(password !== undefined && { password_file: password }),
      ...networksOf(ours, settings.defaultaccess, notes),
      ...usersOf('admin', ours),
      ...usersOf('limited', ours),
      ...lists,
      ...(aliases.length > 0 && { aliases: Object.fromEntries(aliases) }),
      ...breaksOf(breaks),
      ...tasksOf(tasks),
      ...(masters.length > 0 && {
        remote: Object.fromEntries(
          masters.map((master) => [
            master,
            remote.filter((record) => record.master === master).map(({ name }) => name),
          ]),
        ),
      }),
      ...(settings.autocomplete === false && { autocomplete: false }),
      ...(settings.loghostnames === false && { host_names: false }),
    },
    notes,
  };
}

/** Keys with text that is not UTF-8. */
function foreignKeys(table: object): string[] {
  return Object.entries(table).flatMap(([key, value]) =>
    JSON.stringify(value) === JSON.stringify(fromLatin1(value)) ? [] : [key],
  );
}

/** A configuration in TOML is UTF-8: bytes that are not (model/byte-text.ts) become the characters that they are in Latin-1. */
function fromLatin1<Value>(value: Value): Value {
  if (typeof value === 'string') {
    return value.replace(/[\udc80-\udcff]/gu, (byte) => String.fromCharCode(byte.charCodeAt(0) - 0xdc00)) as Value;
  }
  if (Array.isArray(value)) {
    return value.map(fromLatin1) as Value;
  }
  return typeof value === 'object' && value !== null
    ? (Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fromLatin1(each)])) as Value)
    : value;
}

function tlsOf({ sslcredentials, sslrequired, sslreqclientcert, sslcacertificatefile }: ServerSettings) {
  if (sslcredentials === undefined) {
    return (sslrequired ?? true) ? 'legacy' : 'none';
  }
  return {
    cert: sslcredentials,
    ...(sslreqclientcert && sslcacertificatefile !== undefined && { ca: sslcacertificatefile }),
  };
}

function isPredefined(id: string, value: { readonly string: string; readonly delay: number }): boolean {
  const known = PREDEFINED_BREAKS.find(([key]) => key === id)?.[1];
  return known?.string === value.string && known.delay === value.delay;
}

/** There the first matching pattern decides; here rejected goes before trusted, and trusted before allowed. */
function networksOf(
  records: readonly AccessRecord[],
  fallback: AccessRecord['hosts'][number]['access'] | undefined,
  notes: Note[],
): ConserverTable {
  const lists: Record<(typeof ACCESS)[number], string[]> = { rejected: [], trusted: [], allowed: [] };
  let last = 0;
  for (const { hosts, at } of records) {
    for (const { access, pattern } of hosts) {
      const network = parseNetwork(pattern);
      if (network === undefined) {
        notes.push({ place: at, text: `${access} ${pattern}: only addresses and networks have access here` });
        continue;
      }
      const rank = ACCESS.indexOf(access);
      if (rank < last) {
        const order = 'rejected, then trusted, then allowed';
        notes.push({ place: at, text: `${access} ${pattern}: the order is ${order} here, whatever stands first` });
      }
      last = Math.max(last, rank);
      lists[access].push(shown(network));
    }
  }
  if (fallback === 'allowed' || fallback === 'trusted') {
    lists[fallback].push(EVERYTHING);
  }
  return {
    ...(lists.rejected.length > 0 && { rejected: lists.rejected }),
    ...(lists.trusted.length > 0 && { trusted: lists.trusted }),
    allowed: lists.allowed,
  };
}

function shown({ address, bits }: { readonly address: number; readonly bits: number }): string {
  const quad = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
  return bits === 32 ? quad : `${quad}/${bits}`;
}

function usersOf(key: 'admin' | 'limited', records: readonly AccessRecord[]): ConserverTable {
  const users = records.flatMap((record) => words(record[key]));
  return users.length > 0 ? { [key]: users } : {};
}

/** Settings that most consoles share are written once. */
function rightsOf(named: ReadonlyMap<ConsoleRecord, string>): ConserverTable {
  const all = [...named].map(([{ rw, ro }, name]) => ({ name, rights: { write: words(rw), read: words(ro) } }));
  const counts = new Map<string, number>();
  for (const { rights } of all) {
    const key = JSON.stringify(rights);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [usual] = [...counts].sort(([, one], [, other]) => other - one)[0] ?? [];
  if (usual === undefined) {
    return {};
  }
  const others = all.filter(({ rights }) => JSON.stringify(rights) !== usual);
  return {
    ...JSON.parse(usual),
    ...(others.length > 0 && { rights: Object.fromEntries(others.map(({ name, rights }) => [name, rights])) }),
  };
}

function words(list: UserList): string[] {
  return list.map(({ name, allowed }) => `${allowed ? '' : '!'}${name}`);
}
