/** procServ.d of epics-ioc-runner (`NAME="VALUE"` files) -> consoles. */
import { basename } from 'node:path';
import { isKeyValue, type KeyValue, keyValueFile } from '../../grammar/text/key-value.ts';
import { shellWords } from '../../grammar/text/shell-words.ts';
import type { ConfigText } from '../../model/config-input.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { ConsoleNames } from './console-names.ts';
import { endpointSpec } from './endpoint-spec.ts';
import { confFiles } from './find-files.ts';
import type { Imported, ImportedConsole, ImportSource, Note } from './imported.ts';

const TEMPLATE = 'ioc-runner';
const META = 'IOC_META_';
/** The logrotate files of ioc-runner, for the system and for a user. */
const WEEKLY = { age: '7d', keep: 8, compress: true };
const OF_SYSTEM = {
  ...{ folder: '/var/log/procserv', by: '/etc/logrotate.d/procserv' },
  log: { size: 'unlimited', ...WEEKLY },
} as const;
const OF_USER = {
  ...{ folder: '~/.local/state/procserv', by: '~/.config/ioc-runner/logrotate.conf' },
  log: { size: '50M', ...WEEKLY },
} as const;

export function importIocRunner(source: ImportSource): Imported {
  const problems: Note[] = [];
  const notes: Note[] = [];
  const usual = source.user ? `${source.env.HOME ?? ''}/.config/procServ.d` : '/etc/procServ.d';
  const was = source.user ? OF_USER : OF_SYSTEM;
  const names = new ConsoleNames();
  const consoles: ImportedConsole[] = [];
  for (const text of confFiles(source.paths.length > 0 ? source.paths : [usual], problems)) {
    if (isKeyValue(text.text)) {
      const imported = consoleOf(text, names, source, problems);
      consoles.push(...(imported ? [imported] : []));
    } else {
      notes.push({ place: { file: text.file, line: 1 }, text: 'an INI file: `holdfast import procserv` reads this' });
    }
  }
  return {
    about: [
      `The log is where Holdfast puts it, not in ${was.folder} (\`log\`).`,
      `It is rotated as logrotate did it there (${was.by}).`,
      'Take these IOCs from systemd before you start them here: ioc-runner stop NAME, ioc-runner disable NAME.',
    ],
    template: {
      name: TEMPLATE,
      table: { ignore: '^D^C^]', ...(source.user ? {} : { umask: '0007' }), log: was.log },
    },
    consoles,
    notes,
    problems,
  };
}

function consoleOf(
  text: ConfigText,
  names: ConsoleNames,
  { user, runtime }: ImportSource,
  problems: Note[],
): ImportedConsole | undefined {
  const { values, problems: bad } = keyValueFile(text, new Map());
  problems.push(...bad.map(({ file, line, key, message }) => ({ place: { file, line }, text: `${key}: ${message}` })));
  const place = { file: text.file, line: 1 };
  const was = basename(text.file, '.conf');
  const get = (key: string) => values.get(key)?.value || undefined;
  const command = values.get('IOC_CMD');
  const { words, error } = shellWords(command?.value ?? '');
  if (command === undefined || words === undefined || words.length === 0) {
    if (command !== undefined || !bad.some(({ key }) => key === 'IOC_CMD')) {
      problems.push({ place: command?.place ?? place, text: `IOC_CMD: ${error ?? 'there is none'}` });
    }
    return undefined;
  }
  const name = names.take(was);
  const notes: Note[] = [];
  if (name !== was) {
    notes.push({ place, text: `was '${was}', which is not a name for a console` });
  }
  if (words.length > 1) {
    notes.push({ place: command.place, text: 'IOC_CMD: ioc-runner takes it for one word; here blanks separate words' });
  }
  const said = get('IOC_NAME');
  if (said !== undefined && said !== was) {
    const text = `IOC_NAME: ${said}; the name of the file counts, as it does for ioc-runner`;
    notes.push({ place: (values.get('IOC_NAME') as KeyValue).place, text });
  }
  const [owner, group, chdir] = [get('IOC_USER'), get('IOC_GROUP'), get('IOC_CHDIR')];
  if (owner === undefined && !user) {
    notes.push({ place, text: 'IOC_USER: not set: it runs as nobody until `user` is set' });
  }
  const path = `${runtime}/procserv/${was}/control`;
  const usual = owner === undefined || group === undefined ? `unix:${path}` : `unix:${owner}:${group}:0660:${path}`;
  const { spec, note } = endpointSpec(get('IOC_PORT') ?? usual);
  if (note !== undefined) {
    notes.push({ place: values.get('IOC_PORT')?.place ?? place, text: `IOC_PORT: ${note}` });
  }
  const others = [...values].filter(([key]) => !key.startsWith('IOC_'));
  const labels = [...values].filter(([key]) => key.startsWith(META));
  for (const [key, { place: at }] of values) {
    if (key.startsWith('IOC_') && !key.startsWith(META) && !KNOWN.includes(key)) {
      notes.push({ place: at, text: `${key}: not known, left out` });
    }
  }
  const table: ConsoleTable = {
    template: TEMPLATE,
    run: [...words],
    ...(chdir !== undefined && { chdir }),
    ...(!user && { user: owner ?? 'nobody' }),
    ...(!user && group !== undefined && { group }),
    ...(others.length > 0 && { env: texts(others) }),
    endpoints: spec === undefined ? [] : [spec],
    ...(labels.length > 0 && {
      labels: texts(labels.map(([key, value]) => [key.slice(META.length).toLowerCase(), value])),
    }),
  };
  return { name, place, table, notes };
}

const KNOWN = ['IOC_NAME', 'IOC_USER', 'IOC_GROUP', 'IOC_CHDIR', 'IOC_PORT', 'IOC_CMD'];

function texts(entries: readonly (readonly [string, KeyValue])[]): Record<string, string> {
  return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
}
