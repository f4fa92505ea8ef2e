/** `config` files of manage-iocs (sysv-rc-softioc, systemd-softioc) -> consoles. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type KeyValue, keyValueFile } from '../../grammar/text/key-value.ts';
import { shellWords } from '../../grammar/text/shell-words.ts';
import type { ConfigText } from '../../model/config-input.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { ConsoleNames } from './console-names.ts';
import { endpointSpec } from './endpoint-spec.ts';
import { isFolder, namesIn, readText } from './find-files.ts';
import { meansThisHost } from './host-guard.ts';
import type { Imported, ImportedConsole, ImportSource, Note } from './imported.ts';

const TEMPLATE = 'manage-iocs';
const USUAL = ['/epics/iocs', '/opt/epics/iocs'];
const KNOWN = ['NAME', 'PORT', 'HOST', 'USER', 'EXEC', 'CHDIR', 'CORESIZE'];
/** The name of the file, and of the folder that holds the one for all IOCs. */
const CONFIG = 'config';

export function importManageIocs(source: ImportSource): Imported {
  const problems: Note[] = [];
  const notes: Note[] = [];
  const names = new ConsoleNames();
  const consoles = (source.paths.length > 0 ? source.paths : USUAL)
    .flatMap((path) => configFiles(path, source.paths.length > 0, problems, notes))
    .flatMap((text) => consoleOf(text, names, source, problems) ?? []);
  return {
    about: [
      'The log is where Holdfast puts it, not in /var/log/softioc-NAME (`log`).',
      'manage-iocs let it grow, hence size = "unlimited"; if logrotate rotated it, give `size`, `age` and `keep` of there.',
      'Take these IOCs from systemd before you start them here: manage-iocs stop NAME, manage-iocs uninstall NAME.',
    ],
    template: { name: TEMPLATE, table: { ignore: '^D^C^]', log: { size: 'unlimited' } } },
    consoles,
    notes,
    problems,
  };
}

/** A `config`, a folder with a `config`, or a folder of such folders, one of which may hold common settings. */
function configFiles(path: string, named: boolean, problems: Note[], notes: Note[]): ConfigText[] {
  if (!isFolder(path)) {
    return named ? [readText(path, problems)].filter((text) => text !== undefined) : [];
  }
  if (hasConfig(path)) {
    return [readText(join(path, CONFIG), problems)].filter((text) => text !== undefined);
  }
  return namesIn(path)
    .map((name) => join(path, name))
    .filter((folder) => isFolder(folder) && basename(folder) !== CONFIG)
    .flatMap((folder) => {
      if (hasConfig(folder)) {
        return readText(join(folder, CONFIG), problems) ?? [];
      }
      notes.push({ place: { file: resolve(folder), line: 1 }, text: "has no 'config'; passed over" });
      return [];
    });
}

function hasConfig(folder: string): boolean {
  return namesIn(folder).includes(CONFIG) && !isFolder(join(folder, CONFIG));
}

type Values = ReadonlyMap<string, KeyValue>;

/** `config/config` applies to all IOCs of the folder; an IOC's own `config` is read later and wins. */
function siteValues(top: string, problems: Note[]): Values {
  const path = join(dirname(top), CONFIG, CONFIG);
  const text = basename(top) !== CONFIG && existsSync(path) ? readText(path, problems) : undefined;
  return text === undefined ? new Map() : valuesOf(text, new Map(), problems);
}

function valuesOf(text: ConfigText, known: ReadonlyMap<string, string>, problems: Note[]): Values {
  const { values, problems: bad } = keyValueFile(text, known, { spaced: true });
  for (const { file, line, key, message } of bad) {
    problems.push({ place: { file, line }, text: key === '' ? message : `${key}: ${message}` });
  }
  return values;
}

function consoleOf(
  text: ConfigText,
  names: ConsoleNames,
  { hostname, user: isUser }: ImportSource,
  problems: Note[],
): ImportedConsole | undefined {
  const top = dirname(text.file);
  const before = problems.length;
  const site = siteValues(top, problems);
  const known = new Map([...site].map(([key, { value }]) => [key, value]));
  const values = new Map([
    ...site,
    ...valuesOf(text, new Map([...known, ['CHDIR', top], ['TOP', top], ['NAME', basename(top)]]), problems),
  ]);
  if (problems.length > before) {
    return undefined;
  }
  const place = { file: text.file, line: 1 };
  const get = (key: string) => values.get(key)?.value || undefined;
  const where = (key: string) => values.get(key)?.place ?? place;
  const notes: Note[] = [];
  const note = (key: string, told: string) => notes.push({ place: where(key), text: `${key}: ${told}` });
  const was = get('NAME') ?? basename(top);
  const name = names.take(was);
  if (name !== was) {
    note('NAME', `was '${was}', which is not a name for a console, or has been given already`);
  }
  const chdir = resolve(top, get('CHDIR') ?? '.');
  const user = get('USER') ?? was;
  if (get('USER') === undefined) {
    note('USER', `not said: manage-iocs runs it as the user of its name, ${was}; sysv-rc-softioc may take another one`);
  }
  const port = get('PORT');
  if (port === undefined) {
    note('PORT', 'not set: there is no endpoint for telnet');
  }
  const { spec, note: told } = port === undefined ? {} : endpointSpec(port);
  if (told !== undefined) {
    note('PORT', told);
  }
  const host = get('HOST');
  const away = host !== undefined && !meansThisHost(host, hostname);
  if (host !== undefined) {
    note(
      'HOST',
      away ? `${host} is not this machine (${hostname}), so it is not started` : `${host}: there is no such check here`,
    );
  }
  for (const [key, { exported }] of values) {
    if (!KNOWN.includes(key) && !exported) {
      note(key, 'not known, left out');
    }
  }
  const coreSize = get('CORESIZE');
  if (coreSize !== undefined && !/^\d+$/.test(coreSize)) {
    note('CORESIZE', `'${coreSize}' is not a number of bytes; left out`);
  }
  const exported = [...values].flatMap(([key, { exported: isOn, value }]) => (isOn ? [[key, value] as const] : []));
  const table: ConsoleTable = {
    template: TEMPLATE,
    run: program(get('EXEC') ?? 'st.cmd', chdir, (told) => note('EXEC', told)),
    chdir,
    ...(!isUser && { user }),
    env: {
      TOP: top,
      HOSTNAME: hostname.split('.')[0] as string,
      ...(port !== undefined && { PROCPORT: port }),
      ...Object.fromEntries(exported),
    },
    ...(coreSize !== undefined && /^\d+$/.test(coreSize) && { limits: { core: Number(coreSize) } }),
    ...(spec !== undefined && { endpoints: [spec] }),
    ...(away && { start: false }),
  };
  return { name, place, table, notes };
}

/** Words of a command; a program without a slash is looked for in its folder first, as the tool does. */
function program(exec: string, chdir: string, note: (text: string) => void): string[] {
  const { words = [], error } = shellWords(exec);
  const [first, ...rest] = words;
  if (first === undefined) {
    note(`${error ?? 'has no word'}: taken as the name of one program`);
    return [resolve(chdir, exec)];
  }
  const here = resolve(chdir, first);
  if (!first.includes('/') && rest.length > 0 && !existsSync(here)) {
    note(`${first} is not in ${chdir}: looked for in the PATH`);
    return [first, ...rest];
  }
  return [here, ...rest];
}
