/** The configuration of this machine, read anew: by the server at its start and at each reload, by `holdfast plan`. */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { discoverRequests } from '../../grammar/config-discovered.ts';
import { ConfigTables } from '../../grammar/config-tables.ts';
import { holdfastToml } from '../../grammar/holdfast-toml.ts';
import type { ConfigProblem, HostConfig } from '../../model/config.ts';
import {
  configPlace,
  defaultDirectories,
  findFolders,
  type Owner,
  readConfigFiles,
} from '../../platform/config-files.ts';

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
  const digest = createHash('sha256')
    .update(JSON.stringify([texts, unreadable, [...found]]))
    .digest('hex');
  const folders = [...new Set([dirname(place.main), place.dropIns, ...requests.map(({ dir }) => dir)])];
  const { config, problems } = holdfastToml({ tables, directories: defaultDirectories(owner), found, unreadable });
  return config ? { config, problems: [], digest, folders } : { problems, digest, folders };
}
