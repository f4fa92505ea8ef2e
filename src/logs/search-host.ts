/** Searches the logs of a host, in a process of its own. */
import type { SearchItem } from '../model/api.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import type { NearHost, SearchRequest } from '../model/host-port.ts';
import { linesOf } from '../platform/lines.ts';
import { inLogProcess, type SearchJob } from './log-process.ts';
import { searchPattern } from './search.ts';

export interface SearchedHost extends Pick<NearHost, 'logFiles'> {
  /** The names of the consoles whose logs are searched where the request names none. */
  searchable(): Promise<readonly string[]>;
}

/** Throws HF_BAD_REQUEST for an invalid pattern, HF_NO_CONSOLE, HF_BUSY. */
export async function* searchHost(
  host: SearchedHost,
  request: SearchRequest,
  ended?: EndSignal,
): AsyncGenerator<SearchItem> {
  for await (const line of linesOf(inLogProcess(await searchJob(host, request), [], ended))) {
    yield JSON.parse(line) as SearchItem;
  }
}

/** Throws the first two. */
export async function searchJob(host: SearchedHost, request: SearchRequest): Promise<SearchJob> {
  try {
    searchPattern(request);
  } catch (error) {
    throw new HoldfastError('HF_BAD_REQUEST', `pattern: ${(error as Error).message}`);
  }
  const names = request.consoles ?? (await host.searchable());
  return { kind: 'search', logs: names.flatMap((name) => logOf(host, name)), request };
}

function logOf(host: SearchedHost, console: string): SearchJob['logs'] {
  try {
    const { path, user } = host.logFiles(console);
    return [{ console, path, ...(user === undefined ? {} : { user }) }];
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'HF_NO_LOG') {
      return [];
    }
    throw error;
  }
}
