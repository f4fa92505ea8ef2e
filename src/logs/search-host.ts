/** Searches the logs of a host, in a process of its own. */
import type { SearchItem } from '../model/api.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import type { NearHost, SearchRequest } from '../model/host-port.ts';
import { linesOf } from '../platform/lines.ts';
import { inLogProcess, type SearchJob } from './log-process.ts';
import { searchPattern } from './search.ts';

type Logs = Pick<NearHost, 'list' | 'logFiles' | 'mustKnow'>;

/** Throws HF_BAD_REQUEST for an invalid pattern, HF_NO_CONSOLE, HF_BUSY. */
export async function* searchHost(host: Logs, request: SearchRequest, ended?: EndSignal): AsyncGenerator<SearchItem> {
  for await (const line of linesOf(inLogProcess(await searchJob(host, request), [], ended))) {
    yield JSON.parse(line) as SearchItem;
  }
}

/** Throws the first two. */
export async function searchJob(host: Logs, request: SearchRequest): Promise<SearchJob> {
  try {
    searchPattern(request);
  } catch (error) {
    throw new HoldfastError('HF_BAD_REQUEST', `pattern: ${(error as Error).message}`);
  }
  const names = request.consoles ?? (await host.list()).map(({ name }) => name);
  return { kind: 'search', logs: names.flatMap((name) => logOf(host, name)), request };
}

function logOf(host: Logs, console: string): SearchJob['logs'] {
  host.mustKnow(console);
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
