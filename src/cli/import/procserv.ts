/** procServ.conf and procServ.d of manage-procs -> consoles (spec/procserv.md 11). */
import { join } from 'node:path';
import { isKeyValue } from '../../grammar/text/key-value.ts';
import { type ProcServInstance, procServConf } from '../../grammar/text/procserv-conf.ts';
import { shellWords } from '../../grammar/text/shell-words.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { ConsoleNames } from './console-names.ts';
import { endpointSpec } from './endpoint-spec.ts';
import { confFiles, isFolder, namesIn } from './find-files.ts';
import { meansThisHost } from './host-guard.ts';
import type { Imported, ImportedConsole, ImportSource, Note } from './imported.ts';
import { unitEnvironment } from './unit-environment.ts';

const TEMPLATE = 'procserv';

export function importProcServ(source: ImportSource): Imported {
  const problems: Note[] = [];
  const notes: Note[] = [];
  const texts = confFiles(pathsOf(source), problems).filter(({ file, text }) => {
    const other = isKeyValue(text);
    if (other) {
      notes.push({ place: { file, line: 1 }, text: 'lines of NAME=VALUE: `holdfast import ioc-runner` reads these' });
    }
    return !other;
  });
  const conf = procServConf(texts);
  for (const { file, line, key, message } of conf.problems) {
    problems.push({ place: { file, line }, text: `${key === '' ? '' : `${key}: `}${message}` });
  }
  const { runtime } = source;
  const names = new ConsoleNames();
  const consoles = conf.instances.flatMap((instance) => {
    const imported = consoleOf(instance, names.take(instance.name), runtime, source, problems);
    const extra = conf.unknown.filter(({ key }) => key.startsWith(`${instance.name}.`));
    const left = extra.map(({ file, line, key }) => ({ place: { file, line }, text: `${key}: not known, left out` }));
    return imported ? [{ ...imported, notes: [...imported.notes, ...left] }] : [];
  });
  return {
    about: [
      'procServ wrote the console to the journal; Holdfast writes a log file, and rotates it at 100 MB (`log`).',
      'procServ killed its child with SIGKILL at the end; Holdfast sends TERM and waits 10 s first (`stop`).',
      'Take these instances from systemd before you start them here: manage-procs stop NAME, systemctl disable.',
    ],
    template: {
      name: TEMPLATE,
      table: {
        ignore: '^D^C^]',
        keys: { logout: '^D' },
        env: { PROCSERV_NAME: '{name}' },
        endpoints: [`unix:${runtime}/procserv-{name}/control`],
      },
    },
    consoles,
    notes,
    problems,
  };
}

function pathsOf({ paths, user, env }: ImportSource): readonly string[] {
  if (paths.length > 0) {
    return paths;
  }
  const base = user ? join(env.HOME ?? '/', '.config/procServ') : '/etc/procServ';
  const main = namesIn(join(base, '..')).includes('procServ.conf') ? [`${base}.conf`] : [];
  return [...main, ...(isFolder(`${base}.d`) ? [`${base}.d`] : [])];
}

function consoleOf(
  instance: ProcServInstance,
  name: string,
  runtime: string,
  { user, hostname }: ImportSource,
  problems: Note[],
): ImportedConsole | undefined {
  const { place, places, chdir, port, host, environment, envFile } = instance;
  const where = (key: string) => places.get(key) ?? place;
  const notes: Note[] = [];
  const note = (key: string, text: string) => notes.push({ place: where(key), text });
  const { words, error } = shellWords(instance.command ?? '');
  if (words === undefined || words.length === 0) {
    if (instance.command !== undefined) {
      problems.push({ place: where('command'), text: `${instance.name}.command: ${error ?? 'has no word'}` });
    }
    return undefined;
  }
  if (name !== instance.name) {
    notes.push({ place, text: `was '${instance.name}', which is not a name for a console` });
  }
  if (words.some((word) => word.includes('{name}'))) {
    note('command', '{name} in the command stands for the name of the console here');
  }
  const { env: said, left } = unitEnvironment(environment ?? '');
  const env = name === instance.name ? said : { PROCSERV_NAME: instance.name, IOCNAME: instance.name, ...said };
  for (const text of left) {
    note('environment', text);
  }
  if (!user && !places.has('user')) {
    notes.push({ place, text: "no 'user': it ran as nobody" });
  }
  const away = host !== undefined && !meansThisHost(host, hostname);
  if (host !== undefined) {
    note(
      'host',
      `host ${host}: ${away ? `not this machine (${hostname}), so it is not started` : 'there is no such check here'}`,
    );
  }
  const table: ConsoleTable = {
    template: TEMPLATE,
    run: [...words],
    chdir,
    ...(!user && { user: instance.user, group: instance.group }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(envFile !== undefined && { env_file: envFile }),
    ...(away && { start: false }),
    ...endpointsOf(),
  };
  return { name, place, table, notes };

  function endpointsOf(): Pick<ConsoleTable, 'endpoints'> {
    if (port === '0') {
      return name === instance.name ? {} : { endpoints: [`unix:${runtime}/procserv-${instance.name}/control`] };
    }
    const { spec, note: told } = endpointSpec(port);
    if (told !== undefined) {
      note('port', told);
    }
    return { endpoints: spec === undefined ? [] : [spec] };
  }
}
