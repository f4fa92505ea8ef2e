/** The place of the configuration on this machine, and its contents: texts of files, folders of IOCs. */
import { dirname, join, resolve } from 'node:path';
import type { ConfigProblem } from '../model/config.ts';
import type { ConfigText, Directories, DiscoverRequest, Found } from '../model/config-input.ts';
import { readFault } from '../platform/aside.ts';
import { configAside } from '../platform/config-aside.ts';
import { ownHome } from '../platform/process/own-account.ts';

/** The user that runs the server: root's files are the system's. */
export interface Owner {
  readonly env: NodeJS.ProcessEnv;
  /** Effective user id. */
  readonly uid: number;
}

export interface ConfigPlace {
  readonly main: string;
  /** Folder of `*.toml` that are read after `main`, in the order of their names. */
  readonly dropIns: string;
  /** Whether the main file must exist: it was named explicitly. */
  readonly named: boolean;
}

/** `file`: the one that was named on the command line. */
export function configPlace(file: string | undefined, { env, uid }: Owner): ConfigPlace {
  if (file !== undefined) {
    const main = resolve(file);
    return { main, dropIns: join(dirname(main), 'conf.d'), named: true };
  }
  const folder = uid === 0 ? '/etc/holdfast' : join(xdg(env, 'XDG_CONFIG_HOME', '.config'), 'holdfast');
  return { main: join(folder, 'holdfast.toml'), dropIns: join(folder, 'conf.d'), named: false };
}

export function defaultDirectories({ env, uid }: Owner): Directories {
  if (uid === 0) {
    return { runtimeDir: '/run/holdfast', stateDir: '/var/lib/holdfast', logDir: '/var/log/holdfast' };
  }
  const stateDir = join(xdg(env, 'XDG_STATE_HOME', '.local/state'), 'holdfast');
  const runtime = env.XDG_RUNTIME_DIR;
  return { runtimeDir: runtime?.startsWith('/') ? join(runtime, 'holdfast') : join(stateDir, 'run'), stateDir };
}

/** Of the hosts at which a user is logged in. */
export const HOSTS_FILE = 'hosts.toml';

/** Root's too is with its own files: nobody else logs in with it. */
export function hostsPath(env: NodeJS.ProcessEnv): string {
  return join(xdg(env, 'XDG_CONFIG_HOME', '.config'), 'holdfast', HOSTS_FILE);
}

/** The XDG specification has relative paths ignored. */
function xdg(env: NodeJS.ProcessEnv, name: string, fallback: string): string {
  const value = env[name];
  return value?.startsWith('/') ? value : join(ownHome(env), fallback);
}

/**
 * All files in the order in which they are read; those that cannot be read are problems. `written`: taken as if they were there already.
 */
export async function readConfigFiles(
  place: ConfigPlace,
  written: readonly ConfigText[] = [],
): Promise<{ readonly texts: readonly ConfigText[]; readonly problems: readonly ConfigProblem[] }> {
  const problems: ConfigProblem[] = [];
  const given = new Map(written.map((each) => [each.file, each]));
  const others = [...given.keys()].filter((file) => file !== place.main);
  const dropIns = [...new Set([...(await dropInFiles(place.dropIns, problems)), ...others])].sort();
  const needsMain = place.named || (dropIns.length === 0 && problems.length === 0);
  const texts: ConfigText[] = [];
  for (const file of [place.main, ...dropIns]) {
    try {
      texts.push(given.get(file) ?? { file, text: await readText(file) });
    } catch (error) {
      if (file !== place.main || needsMain || codeOf(error) !== 'ENOENT') {
        const isMissing = file === place.main && codeOf(error) === 'ENOENT';
        problems.push({ file, line: 1, key: '', message: isMissing ? missing(place) : reason(error) });
      }
    }
  }
  return { texts, problems };
}

/** Of a main file that has to be there, and is not. */
function missing({ named, dropIns }: ConfigPlace): string {
  return named
    ? 'there is no such file'
    : `there is no such file, and no *.toml in ${dropIns}; 'holdfast init' writes one to begin with, -c names another`;
}

async function dropInFiles(folder: string, problems: ConfigProblem[]): Promise<string[]> {
  try {
    const names = (await configAside.list(folder)).filter((name) => name.endsWith('.toml') && !name.startsWith('.'));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') {
      problems.push({ file: folder, line: 1, key: '', message: reason(error) });
    }
    return [];
  }
}

async function readText(file: string): Promise<string> {
  const bytes = await configAside.readFile(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('is not UTF-8 text');
  }
}

/** The folders that a `[discover.NAME]` table asks for, by name. A folder that may not be searched has no such file. */
export async function findFolders({ dir, match, file }: DiscoverRequest): Promise<Found> {
  const [before, after] = match.split('*') as [string, string];
  try {
    const names = (await configAside.list(dir, file)).filter(
      (name) => name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after),
    );
    return names.sort().map((name) => ({
      name: name.slice(before.length, name.length - after.length),
      dir: join(dir, name),
    }));
  } catch (error) {
    return { error: `${dir}: ${reason(error)}` };
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** `cannot be read: ENOENT: no such file or directory`; the caller has said which. */
function reason(error: unknown): string {
  const fault = readFault(error as Error);
  if (fault === 'not a regular file' || codeOf(error) === 'EISDIR') {
    return 'is not a regular file';
  }
  return codeOf(error) === undefined ? fault : `cannot be read: ${fault}`;
}
