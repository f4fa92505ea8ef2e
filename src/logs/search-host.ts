/** Searches the logs of a host, in a process of its own. */
import type { SearchItem } from '../model/api.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import type { NearHost, SearchRequest } from '../model/host-port.ts';
import { linesOf } from '../platform/lines.ts';
import { inLogProcess, type SearchedLog, type SearchJob } from './log-process.ts';
import { searchPattern } from './search.ts';

export interface SearchedHost extends Pick<NearHost, 'logFiles'> {
  /** The names of the consoles whose logs are searched where the request names none. */
  searchable(): Promise<readonly string[]>;
}

/** Throws HF_BAD_REQUEST for an invalid pattern, what keeps all named consoles from being searched (HF_NO_CONSOLE, HF_FORBIDDEN), HF_BUSY. */
export async function* searchHost(
  host: SearchedHost,
  request: SearchRequest,
  ended?: EndSignal,
): AsyncGenerator<SearchItem> {
  for await (const line of linesOf(inLogProcess(await searchJob(host, request), [], ended))) {
    yield JSON.parse(line) as SearchItem;
  }
}

/**
 * Throws the first two. A console that is named and cannot be searched is told of and leaves the others as they are: of a group, one may be
 * somebody else's, or be gone by now. Where none is left the search is refused.
 */
export async function searchJob(host: SearchedHost, request: SearchRequest): Promise<SearchJob> {
  try {
    searchPattern(request);
  } catch (error) {
    throw new HoldfastError('HF_BAD_REQUEST', `pattern: ${(error as Error).message}`);
  }
  const logs: SearchedLog[] = [];
  const leftOut: { console: string; error: HoldfastError }[] = [];
  for (const console of request.consoles ?? (await host.searchable())) {
    try {
      const { path, user } = host.logFiles(console);
      logs.push({ console, path, ...(user === undefined ? {} : { user }) });
    } catch (error) {
      if (!(error instanceof HoldfastError)) {
        throw error;
      }
      if (error.code !== 'HF_NO_LOG') {
        leftOut.push({ console, error });
      }
    }
  }
  if (logs.length === 0 && leftOut[0]) {
    throw leftOut[0].error;
  }
  return {
    kind: 'search',
    ...{ logs, request },
    unsearched: leftOut.map(({ console, error }) => ({ kind: 'unsearched', console, reason: error.message })),
  };
}
