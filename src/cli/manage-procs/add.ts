import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { quoteWord } from '../../grammar/text/shell-words.ts';
import { type Call, type Subcommand, systemctl } from './call.ts';
import { readInstances } from './instances.ts';
import { Refused } from './outside.ts';
import { isUnitName, unitName } from './unit.ts';
import { writeUnits } from './units.ts';
import { writeWhole } from './write-file.ts';

export const addCommand: Subcommand = {
  name: 'add',
  usage: 'NAME COMMAND [ARGUMENT]...',
  help: 'add an instance; all words from COMMAND on are its command line',
  options: [
    { name: 'chdir', short: 'C', argument: 'required', value: 'DIR', help: 'directory that it starts in [this one]' },
    { name: 'port', short: 'P', argument: 'required', value: 'ENDPOINT', help: 'where it listens [its own socket]' },
    { name: 'user', short: 'U', argument: 'required', value: 'USER', help: 'user that it runs as [nobody]' },
    {
      name: 'group',
      short: 'G',
      argument: 'required',
      value: 'GROUP',
      words: 'nothing',
      help: 'group that it runs as [nogroup]',
    },
    {
      name: 'environment',
      short: 'e',
      argument: 'required',
      value: 'VAR=VALUE',
      help: 'environment variable; may be given again',
    },
    { name: 'env-file', short: 'E', argument: 'required', value: 'FILE', help: 'file of VAR=VALUE lines' },
    { name: 'force', short: 'f', argument: 'none', help: 'replace an instance of that name' },
    { name: 'autostart', short: 'A', argument: 'none', help: 'start it at once' },
  ],
  operandsBeforeRest: 2,
  operands: [2, Number.POSITIVE_INFINITY],
  run(call) {
    const { outside, scope, options } = call;
    const name = call.words[0] as string;
    if (!isUnitName(name)) {
      throw new Refused(`'${name}' is not a name for a unit of systemd: use letters, digits and : _ . - only`);
    }
    const folder = `${scope.base}.d`;
    const file = join(folder, `${name}.conf`);
    refuseExisting(call, name, file);
    const text = sectionText(call);
    makeFolder(folder);
    writeWhole(file, text);
    outside.err(`manage-procs: wrote ${file}\n`);
    if (scope.flag === '--system' && !options.has('user')) {
      outside.err(`manage-procs: '${name}' will run as user nobody; -U and -G say otherwise\n`);
    }
    writeUnits(readInstances(scope, outside), folder, scope, outside);
    need(call, ['enable', join(folder, unitName(name))]);
    need(call, ['daemon-reload']);
    if (options.has('autostart')) {
      need(call, ['start', unitName(name)]);
    } else {
      outside.out(`# manage-procs ${scope.flag} start ${name}\n`);
    }
    return 0;
  },
};

function refuseExisting({ options, scope, outside }: Call, name: string, file: string): void {
  if (options.has('force')) {
    return;
  }
  if (existsSync(file)) {
    throw new Refused(`${file} exists; -f replaces it`);
  }
  const other = readInstances(scope, outside).instances.find((instance) => instance.name === name);
  if (other) {
    const { place } = other;
    throw new Refused(`${place.file}:${place.line} has a section [${name}]; -f adds to it, and what you say now wins`);
  }
}

function sectionText({ options, all, words: [name, word, ...rest], outside }: Call): string {
  const chdir = resolve(outside.cwd, options.get('chdir') ?? '.');
  const command = resolve(chdir, word as string);
  if (!existsSync(chdir)) {
    // Its unit waits for the file: a file server, or ansible, may bring it later.
    outside.err(`manage-procs: --chdir: ${chdir} is not there yet; '${name}' does not start without it\n`);
  } else if (!isFolder(chdir)) {
    throw new Refused(`--chdir: ${chdir} is not a directory`);
  } else if (!isExecutable(command)) {
    outside.err(
      `manage-procs: ${command} is not an executable file yet; a command is looked for in --chdir, not in PATH\n`,
    );
  }
  const envFile = options.get('env-file');
  const envPath = envFile === undefined ? undefined : resolve(outside.cwd, envFile);
  if (envPath !== undefined && !existsSync(envPath)) {
    throw new Refused(`--env-file: ${envPath} does not exist`);
  }
  const environment = all('environment').map(variable).join(' ');
  const values = {
    command: [command, ...rest].map(quoteWord).join(' '),
    chdir,
    user: options.get('user'),
    group: options.get('group'),
    port: options.get('port'),
    environment: environment || undefined,
    env_file: envPath,
  };
  const lines = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} = ${iniValue(key, value as string)}\n`);
  return `\n[${name}]\n${lines.join('')}`;
}

/** One word of Environment= in systemd's syntax, where `%` begins a specifier. */
function variable(word: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) {
    throw new Refused(`--environment: '${word}' is not VAR=VALUE`);
  }
  return `"${word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

/** `%` begins a reference in the file. */
function iniValue(key: string, value: string): string {
  if (/[\r\n]/.test(value) || value !== value.trim()) {
    throw new Refused(`${key}: a line feed, or a blank at either end, cannot be written to this file: '${value}'`);
  }
  return value.replaceAll('%', '%%');
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Refused(`cannot make ${folder}: ${(error as Error).message}`);
  }
}

function need(call: Call, words: readonly string[]): void {
  const status = systemctl(call, words);
  if (status !== 0) {
    throw new Refused(`systemctl ${call.scope.flag} ${words.join(' ')}: exit status ${status}`);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return !isFolder(path);
  } catch {
    return false;
  }
}
