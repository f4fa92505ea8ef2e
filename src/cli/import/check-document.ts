/** Checks that a document to be written is a valid configuration, alone or with the files that exist. */

import { defaultDirectories, findFolders, type Owner } from '../../config/config-files.ts';
import { discoverRequests } from '../../grammar/holdfast/discovered.ts';
import { holdfastToml } from '../../grammar/holdfast/holdfast-toml.ts';
import { ConfigTables } from '../../grammar/holdfast/tables.ts';
import type { ConfigProblem } from '../../model/config.ts';
import type { ConfigText } from '../../model/config-input.ts';

/** Everything that is wrong with all of them. */
export async function checkDocument(texts: readonly ConfigText[], owner: Owner): Promise<readonly ConfigProblem[]> {
  const tables = new ConfigTables(texts);
  const requests = discoverRequests(tables);
  const found = new Map(
    await Promise.all(requests.map(async (request) => [request.table, await findFolders(request)] as const)),
  );
  return holdfastToml({ tables, directories: defaultDirectories(owner), found }).problems ?? [];
}
