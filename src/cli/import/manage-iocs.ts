/** `config` files of manage-iocs (sysv-rc-softioc, systemd-softioc) -> consoles. */
import { basename, dirname, join, resolve } from 'node:path';
import { keyValueFile } from '../../grammar/key-value.ts';
import type { ConfigText } from '../../model/config-input.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { ConsoleNames } from './console-names.ts';
import { endpointSpec } from './endpoint-spec.ts';
import { isFolder, namesIn, readText } from './find-files.ts';
import { meansThisHost } from './host-guard.ts';
import type { Imported, ImportedConsole, ImportSource, Note } from './imported.ts';

const TEMPLATE = 'manage-iocs';
const USUAL = ['/epics/iocs', '/opt/epics/iocs'];
const KNOWN = ['NAME', 'PORT', 'HOST', 'USER', 'EXEC', 'CHDIR'];

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
      'Take these IOCs from systemd before you start them here: manage-iocs stop NAME, manage-iocs uninstall NAME.',
    ],
    template: { name: TEMPLATE, table: { ignore: '^D^C^]' } },
    consoles,
    notes,
    problems,
  };
}

/** A `config`, a folder with a `config`, or a folder of such folders. */
function configFiles(path: string, named: boolean, problems: Note[], notes: Note[]): ConfigText[] {
  if (!isFolder(path)) {
    return named ? [readText(path, problems)].filter((text) => text !== undefined) : [];
  }
  if (namesIn(path).includes('config')) {
    return [readText(join(path, 'config'), problems)].filter((text) => text !== undefined);
  }
  return namesIn(path)
    .map((name) => join(path, name))
    .filter(isFolder)
    .flatMap((folder) => {
      if (namesIn(folder).includes('config')) {
        return readText(join(folder, 'config'), problems) ?? [];
      }
      notes.push({ place: { file: resolve(folder), line: 1 }, text: "has no 'config'; passed over" });
      return [];
    });
}

function consoleOf(
  text: ConfigText,
  names: ConsoleNames,
  { hostname }: ImportSource,
  problems: Note[],
): ImportedConsole | undefined {
  const top = dirname(text.file);
  const { values, problems: bad } = keyValueFile(
    text,
    new Map([
      ['CHDIR', top],
      ['TOP', top],
      ['NAME', basename(top)],
    ]),
  );
  problems.push(...bad.map(({ file, line, key, message }) => ({ place: { file, line }, text: `${key}: ${message}` })));
  if (bad.length > 0) {
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
    note('NAME', `was '${was}', which is no name for a console, or has been given already`);
  }
  const chdir = resolve(top, get('CHDIR') ?? '.');
  const user = get('USER');
  if (user === undefined) {
    note('USER', 'not said: manage-iocs took softioc, or the name of the IOC; here it runs as the server does');
  }
  const port = get('PORT');
  if (port === undefined) {
    note('PORT', 'not said: there is no endpoint for telnet');
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
  for (const key of values.keys()) {
    if (!KNOWN.includes(key)) {
      note(key, 'not known, left out');
    }
  }
  const table: ConsoleTable = {
    template: TEMPLATE,
    run: [get('EXEC') ?? join(chdir, 'st.cmd')],
    chdir,
    ...(user !== undefined && { user }),
    env: { TOP: top, HOSTNAME: hostname.split('.')[0] as string },
    ...(spec !== undefined && { endpoints: [spec] }),
    ...(away && { start: false }),
  };
  return { name, place, table, notes };
}
