/** procServ-launcher: started by the unit of an instance, it becomes procServ (spec/procserv.md 11). */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { getopt, type OptionSpec } from '../../grammar/text/getopt.ts';
import { shellWords } from '../../grammar/text/shell-words.ts';
import { instanceOf, readInstances } from './instances.ts';
import { type Outside, Refused } from './outside.ts';
import { scopeOf } from './scope.ts';

const OPTIONS: readonly OptionSpec[] = [
  { name: 'user', argument: 'none' },
  { name: 'system', argument: 'none' },
  { name: 'debug', short: 'd', argument: 'none' },
];
const USAGE = 'usage: procServ-launcher [--user|--system] [-d]... NAME';

/** Exit status, if it did not become procServ. `chdir` changes the directory of this process. */
export function procServLauncher(words: readonly string[], outside: Outside, chdir: (path: string) => void): number {
  try {
    return launch(words, outside, chdir);
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    outside.err(`procServ-launcher: ${error.message}\n`);
    return error.status;
  }
}

function launch(words: readonly string[], outside: Outside, chdir: (path: string) => void): number {
  const { options, rest, error } = getopt(OPTIONS, words);
  const flags = options.map((option) => option.name);
  if (error !== undefined || rest.length !== 1 || (flags.includes('user') && flags.includes('system'))) {
    throw new Refused(`${error ?? 'expected the name of one instance'}\n${USAGE}`, 2);
  }
  const flag = flags.find((name) => name !== 'debug');
  const scope = scopeOf(flag === undefined ? undefined : `--${flag}`, outside);
  const instance = instanceOf(readInstances(scope, outside), rest[0] as string);
  const { name, command, place, port } = instance;
  const { words: argv, error: bad } = shellWords(command ?? '');
  if (argv === undefined || argv.length === 0) {
    const { file, line } = instance.places.get('command') ?? place;
    throw new Refused(`${file}:${line}: ${name}.command: ${bad ?? 'there is none'}`);
  }
  const folder = scope.runDirectory(name);
  const debug = flags.filter((one) => one === 'debug').length;
  const composed = [
    ...['procServ', '--foreground', '--logfile', '-', '--name', name, '--ignore', '^D^C^]', '--logoutcmd', '^D'],
    ...['--chdir', instance.chdir, '--info-file', join(folder, 'info')],
    ...['--port', port === '0' ? `unix:${join(folder, 'control')}` : port],
    ...(debug > 1 ? ['--debug'] : []),
    ...argv,
  ];
  if (debug > 0) {
    outside.err(`procServ-launcher: ${composed.join(' ')}\n`);
  }
  enter(instance.chdir, chdir);
  makeRunDirectory(folder);
  const env = { PROCSERV_NAME: name, IOCNAME: name, ...outside.env };
  return outside.become(join(outside.programs, 'procServ'), composed, env);
}

function enter(directory: string, chdir: (path: string) => void): void {
  try {
    chdir(directory);
  } catch (error) {
    throw new Refused(`chdir: ${(error as Error).message}`);
  }
}

/** systemd creates it; without systemd we have to. */
function makeRunDirectory(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Refused(`cannot make the run directory: ${(error as Error).message}`);
  }
}
