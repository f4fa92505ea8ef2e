/** The configuration of this machine, read anew: by the server at its start and at each reload, by `holdfast plan`. */
import { createHash } from 'node:crypto';
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
}

/** `file`: the one of `-c`. Never throws: what cannot be read is a problem. */
export async function loadHostConfig(file: string | undefined, owner: Owner): Promise<LoadedConfig> {
  const { texts, problems: unreadable } = await readConfigFiles(configPlace(file, owner));
  const tables = new ConfigTables(texts);
  const requests = discoverRequests(tables);
  const found = new Map(
    await Promise.all(requests.map(async (request) => [request.table, await findFolders(request)] as const)),
  );
  const digest = createHash('sha256')
    .update(JSON.stringify([texts, unreadable, [...found]]))
    .digest('hex');
  const { config, problems } = holdfastToml({ tables, directories: defaultDirectories(owner), found, unreadable });
  return config ? { config, problems: [], digest } : { problems, digest };
}
