/**
 * Folders of IOCs as ESS has them (`/opt/iocs/e3-ioc-NAME/st.cmd`) -> one line of configuration that keeps discovering
 * them.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CONSOLE_NAME_PATTERN } from '../../model/config-forms.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { endpointSpec } from './endpoint-spec.ts';
import { isFolder, namesIn, UNIT_FOLDERS } from './find-files.ts';
import type { Imported, ImportSource, Note } from './imported.ts';
import { type ProcServUnit, procServUnit } from './procserv-unit.ts';

type Line = NonNullable<ProcServUnit['line']>;

const UNIT = 'ioc@.service';
const NO_UNIT = 'which is not on this machine';
const PREFIX = 'e3-ioc-';
const GOOD = new RegExp(CONSOLE_NAME_PATTERN);

/** Run as `nobody` rather than as root. */
const NOBODY = { user: 'nobody' };

/** Without its unit: as ESS has them. */
const USUAL: ConsoleTable = {
  ignore: '^D^C^]',
  keys: { logout: '^D' },
  endpoints: ['unix:/run/procServ/{name}/control'],
  log: { path: '/var/log/procServ/{name}/out.log', size: 'unlimited' },
};

export function importE3({ paths, iocsh, user }: ImportSource, unitFolders = UNIT_FOLDERS): Imported {
  const unit = unitOf(unitFolders);
  const notes: Note[] = [];
  const problems: Note[] = [];
  const dir = resolve(paths[0] ?? '/opt/iocs');
  const at = (name: string) => ({ file: join(dir, name), line: 1 });
  if (paths.length > 1) {
    problems.push({ place: { file: resolve(paths[1] as string), line: 1 }, text: 'one folder at a time' });
  }
  if (!isFolder(dir)) {
    problems.push({ place: { file: dir, line: 1 }, text: 'there is no such folder' });
  }
  const found: string[] = [];
  for (const name of namesIn(dir)) {
    const console = name.slice(PREFIX.length);
    if (!name.startsWith(PREFIX) || !isFolder(join(dir, name))) {
      continue;
    }
    if (!namesIn(join(dir, name)).includes('st.cmd')) {
      notes.push({ place: at(name), text: 'has no st.cmd; passed over, now and until it has one' });
    } else if (GOOD.test(console)) {
      found.push(console);
    } else {
      notes.push({
        place: at(name),
        text: `'${console}' is not a name for a console (letters, digits and _ . : @ + - only); passed over`,
      });
    }
  }
  if (problems.length === 0 && found.length === 0) {
    problems.push({ place: { file: dir, line: 1 }, text: `has no folder ${PREFIX}NAME with a st.cmd` });
  }
  const run = programOf(unit, iocsh);
  const [program = ''] = run;
  const table = unit?.line === undefined ? USUAL : tableOf(unit.line, notes);
  return {
    about: [
      `Finds ${found.length} consoles now: ${found.join(', ')}`,
      'New folders join at the next `holdfast reload`.',
      ...(program.startsWith('/') ? [] : [`${program} has to be in the PATH of the server, or written with its path.`]),
      ...(unit?.user === undefined
        ? [`The user is set in ${UNIT}, ${unit ? 'which names none' : NO_UNIT}: \`user\` of the template is a guess.`]
        : []),
      ...(table.log && table.log.size === 'unlimited'
        ? ['procServ let these logs grow, hence size = "unlimited"; with another `size` they are rotated.']
        : []),
      'Take these IOCs from systemd before you start them here: systemctl disable --now ioc@NAME.',
    ],
    template: { name: 'e3', table: { ...(user ? {} : accountOf(unit)), ...table } },
    discover: {
      name: 'e3',
      table: { dir, match: `${PREFIX}*`, file: 'st.cmd', run, template: 'e3' },
    },
    found,
    consoles: [],
    notes,
    problems,
  };
}

function unitOf(folders: readonly string[]): ProcServUnit | undefined {
  const folder = folders.find((each) => namesIn(each).includes(UNIT));
  return folder === undefined ? undefined : unitIn(join(folder, UNIT));
}

function unitIn(file: string): ProcServUnit {
  return procServUnit(file, readFileSync(file, 'utf8'));
}

function accountOf({ user, group }: ProcServUnit = {}): ConsoleTable {
  return user === undefined ? NOBODY : { user, ...(group !== undefined && { group }) };
}

function programOf(unit: ProcServUnit | undefined, iocsh: string | undefined): string[] {
  const command = unit?.line?.command ?? [];
  return iocsh !== undefined || command.length === 0
    ? [iocsh ?? 'iocsh.bash', '{file}']
    : command.map((word) => (word.endsWith(`/${PREFIX}{name}/st.cmd`) ? '{file}' : word));
}

/** The procServ options of the unit, as our settings. */
function tableOf({ file, given, ports }: Line, notes: Note[]): ConsoleTable {
  const keys = Object.entries({ kill: 'killcmd', toggle: 'autorestartcmd', logout: 'logoutcmd' }).flatMap(
    ([key, option]) => (given.has(option) ? [[key, given.get(option)]] : []),
  );
  const ignore = given.get('ignore');
  const endpoints = ports.flatMap((port) => {
    const { spec, note } = endpointSpec(port);
    notes.push(...(note === undefined ? [] : [{ place: { file, line: 1 }, text: note }]));
    return spec === undefined ? [] : [spec];
  });
  return {
    ...(ignore !== undefined && { ignore }),
    ...(keys.length > 0 && { keys: Object.fromEntries(keys) }),
    endpoints,
    ...logOf(given),
  };
}

/** A log on standard output went to the journal, which has bounds of its own. */
function logOf(given: Line['given']): Pick<ConsoleTable, 'log'> {
  const [path, size, keep] = ['logfile', 'logsize', 'logkeep'].map((option) => given.get(option));
  if (path === undefined || path === '-') {
    return {};
  }
  const stamp = given.has('logstamp') ? given.get('logstamp') || `[${given.get('timefmt') ?? '%c'}] ` : undefined;
  return {
    log: {
      path,
      ...(stamp !== undefined && { stamp }),
      size: size ?? 'unlimited',
      ...(keep !== undefined && { keep: Number(keep) }),
    },
  };
}
