/**
 * The configuration of this machine, read again: by the server at its start and at each reload, by commands.
 */

import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { conserverFiles } from '../grammar/holdfast/conserver.ts';
import { discoverRequests } from '../grammar/holdfast/discovered.ts';
import { holdfastToml } from '../grammar/holdfast/holdfast-toml.ts';
import { iniFiles } from '../grammar/holdfast/isis.ts';
import { ConfigTables } from '../grammar/holdfast/tables.ts';
import type { ConfigProblem, HostConfig } from '../model/config.ts';
import type { ConfigText, IniText } from '../model/config-input.ts';
import { configAside } from '../platform/config-aside.ts';
import {
  type ConfigPlace,
  configPlace,
  defaultDirectories,
  findFolders,
  type Owner,
  readConfigFiles,
} from './config-files.ts';
import { loadConserverFiles } from './load-conserver.ts';

export interface LoadedConfig {
  /** Absent where there are problems. */
  readonly config?: HostConfig;
  readonly problems: readonly ConfigProblem[];
  /** Parts left out of `config`: unreadable, or not a valid console. */
  readonly warnings: readonly ConfigProblem[];
  /** Of everything that was read; equal as long as nothing on disk has changed. */
  readonly digest: string;
  /**
   * Places where something may change: the folders of the files, and those in which consoles are discovered, as far as
   * they can be read.
   */
  readonly folders: readonly string[];
}

/** Limits above which a separate process reads: it would keep a server's event loop busy. */
export interface LoadLimits {
  /** Characters of all files together. */
  readonly text: number;
  readonly foundFolders: number;
  /** Whether a conserver.cf may be read, which is done in one go with all that it includes. */
  readonly conserverCf: boolean;
}

export const NO_LIMITS: LoadLimits = {
  text: Number.POSITIVE_INFINITY,
  foundFolders: Number.POSITIVE_INFINITY,
  conserverCf: true,
};

/** `file`: the one of `-c`. Never throws: what cannot be read is a problem, or a warning. */
export async function loadHostConfig(file: string | undefined, owner: Owner): Promise<LoadedConfig> {
  return (await loadWithin(NO_LIMITS, file, owner)) as LoadedConfig;
}

/** With these files in place of those that may be there: what is to be written. */
export async function loadWith(
  written: readonly ConfigText[],
  file: string | undefined,
  owner: Owner,
): Promise<LoadedConfig> {
  const place = configPlace(file, owner);
  const read = await readConfigFiles(place, written);
  return (await loadTexts(NO_LIMITS, place, owner, read)) as LoadedConfig;
}

/** The same as `loadHostConfig`, or undefined if it exceeds the limits. */
export async function loadWithin(
  limits: LoadLimits,
  file: string | undefined,
  owner: Owner,
): Promise<LoadedConfig | undefined> {
  const place = configPlace(file, owner);
  return loadTexts(limits, place, owner, await readConfigFiles(place));
}

type ReadFiles = Awaited<ReturnType<typeof readConfigFiles>>;

async function loadTexts(
  limits: LoadLimits,
  place: ConfigPlace,
  owner: Owner,
  { texts, problems: unreadable }: ReadFiles,
): Promise<LoadedConfig | undefined> {
  if (texts.reduce((sum, { text }) => sum + text.length, 0) > limits.text) {
    return undefined;
  }
  const tables = new ConfigTables(texts);
  if (!limits.conserverCf && conserverFiles(tables)?.cf !== undefined) {
    return undefined;
  }
  const requests = discoverRequests(tables);
  const found = new Map(
    await Promise.all(requests.map(async (request) => [request.table, await findFolders(request)] as const)),
  );
  const folders = [...found.values()].flatMap((each) => ('error' in each ? [] : [...each]));
  if (folders.length > limits.foundFolders) {
    return undefined;
  }
  const inis = new Map(await Promise.all(iniFiles(tables).map(async (path) => [path, await iniText(path)] as const)));
  const { found: conserver, read } = await loadConserverFiles(tables);
  const digest = createHash('sha256')
    .update(JSON.stringify([texts, unreadable, [...found], [...inis], read]))
    .digest('hex');
  const watched = new Set([
    dirname(place.main),
    place.dropIns,
    ...requests.filter(({ table }) => !('error' in (found.get(table) ?? []))).map(({ dir }) => dir),
    ...[...inis.keys()].map(dirname),
  ]);
  const { config, problems, warnings } = holdfastToml({
    ...{ tables, directories: defaultDirectories(owner), found, inis, unreadable },
    ...(conserver && { conserver }),
  });
  const rest = { digest, folders: [...watched] };
  return config ? { config, problems: [], warnings, ...rest } : { problems, warnings: [], ...rest };
}

async function iniText(path: string): Promise<IniText> {
  try {
    return { text: (await configAside.readFile(path)).toString('latin1') };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}
