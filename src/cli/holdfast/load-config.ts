/** The configuration of this machine, read anew: by the server at its start and at each reload, by `holdfast plan`. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { discoverRequests } from '../../grammar/config-discovered.ts';
import { iniFiles } from '../../grammar/config-isis.ts';
import { ConfigTables } from '../../grammar/config-tables.ts';
import { holdfastToml } from '../../grammar/holdfast-toml.ts';
import type { ConfigProblem, HostConfig } from '../../model/config.ts';
import type { IniText } from '../../model/config-input.ts';
import {
  configPlace,
  defaultDirectories,
  findFolders,
  type Owner,
  readConfigFiles,
} from '../../platform/config-files.ts';
import { loadConserverFiles } from './load-conserver.ts';

export interface LoadedConfig {
  /** Absent where there are problems. */
  readonly config?: HostConfig;
  readonly problems: readonly ConfigProblem[];
  /** Of everything that was read; equal as long as nothing on disk has changed. */
  readonly digest: string;
  /** Where something may change: the folders of the files, and those in which consoles are discovered. */
  readonly folders: readonly string[];
}

/** `file`: the one of `-c`. Never throws: what cannot be read is a problem. */
export async function loadHostConfig(file: string | undefined, owner: Owner): Promise<LoadedConfig> {
  const place = configPlace(file, owner);
  const { texts, problems: unreadable } = await readConfigFiles(place);
  const tables = new ConfigTables(texts);
  const requests = discoverRequests(tables);
  const found = new Map(
    await Promise.all(requests.map(async (request) => [request.table, await findFolders(request)] as const)),
  );
  const inis = new Map(await Promise.all(iniFiles(tables).map(async (path) => [path, await iniText(path)] as const)));
  const { found: conserver, read } = await loadConserverFiles(tables);
  const digest = createHash('sha256')
    .update(JSON.stringify([texts, unreadable, [...found], [...inis], read]))
    .digest('hex');
  const folders = [
    ...new Set([
      dirname(place.main),
      place.dropIns,
      ...requests.map(({ dir }) => dir),
      ...[...inis.keys()].map(dirname),
    ]),
  ];
  const directories = defaultDirectories(owner);
  const { config, problems } = holdfastToml({
    ...{ tables, directories, found, inis, unreadable },
    ...(conserver && { conserver }),
  });
  return config ? { config, problems: [], digest, folders } : { problems, digest, folders };
}

async function iniText(path: string): Promise<IniText> {
  try {
    return { text: await readFile(path, 'latin1') };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}
