/** Searches logs: here if this user may read all of them, otherwise by the server. */
import { DiskLogFiles } from '../../../logs/disk-log-files.ts';
import { search, searchPattern } from '../../../logs/search.ts';
import type { ConsoleSummary, SearchItem } from '../../../model/api.ts';
import type { SearchRequest } from '../../../model/host-port.ts';
import { type DiskFault, DiskFiles } from '../../../platform/files/disk-files.ts';
import { withoutMaglev } from '../../../platform/process/compiler.ts';
import { consolesFirst } from '../../../platform/process/consoles-first.ts';
import type { Context } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';

/** Throws UsageError. */
export function mustBePattern(request: SearchRequest): void {
  try {
    searchPattern(request);
  } catch (error) {
    throw new UsageError(`grep: ${(error as Error).message}; --fixed takes the pattern as plain text`);
  }
}

export async function* searchLogs(
  { client, clock, host }: Context,
  consoles: readonly ConsoleSummary[],
  request: SearchRequest,
): AsyncGenerator<SearchItem> {
  if (host !== undefined) {
    // A file of that name here would be another one.
    yield* client.search(request);
    return;
  }
  const disk = new DiskFiles(clock);
  try {
    const logs = consoles.flatMap(({ log, name }) =>
      log === undefined ? [] : [{ console: name, files: new DiskLogFiles(disk, log) }],
    );
    const found = await Promise.all(logs.map(({ files }) => isHere(files)));
    if (found.includes('refused') || !found.includes('here')) {
      yield* client.search(request);
      return;
    }
    consolesFirst();
    withoutMaglev();
    // A file system that hangs here hangs for the server too.
    for (const { console, files } of logs.filter((_, at) => found[at] === 'hangs')) {
      yield { kind: 'unsearched', console, reason: `${files.path} cannot be read: its file system hangs` };
    }
    yield* search(
      logs.filter((_, at) => found[at] !== 'hangs'),
      request,
      clock,
    );
  } finally {
    disk.close();
  }
}

/**
 * Whether we may read the current file. As root not in a folder of somebody else: only the server knows whether that is
 * the user of the console. If there is none at all, the server may see other files than we do (a container).
 */
async function isHere(files: DiskLogFiles): Promise<'here' | 'missing' | 'refused' | 'hangs'> {
  try {
    const file = await files.open('');
    file?.close();
    return file ? 'here' : 'missing';
  } catch (error) {
    return (error as DiskFault).errno === 0 ? 'hangs' : 'refused';
  }
}
