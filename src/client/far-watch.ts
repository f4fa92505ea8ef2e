/** The feed of all consoles, over the control API. */
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import { type FeedNews, type FeedPlace, WATCH_PATH, WATCH_PROTOCOL } from '../model/feed.ts';
import { queryText } from './query-text.ts';
import type { Transport } from './transport.ts';
import { wireMessages } from './wire-messages.ts';

/** As `HostPort.watch`. It ends when the rights of the watcher change: a new feed has what may be seen now. */
export async function* watchFar(transport: Transport, after?: FeedPlace, ended?: EndSignal): AsyncGenerator<FeedNews> {
  const place = after === undefined ? {} : { feed: after.feed, number: after.number };
  try {
    for await (const text of wireMessages(transport, `${WATCH_PATH}${queryText(place)}`, WATCH_PROTOCOL, ended)) {
      const message = JSON.parse(text) as FeedNews | { readonly type: 'again' | 'closed' };
      if (message.type === 'table' || message.type === 'changes') {
        yield message;
      } else if (message.type === 'again') {
        return;
      }
    }
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'HF_NO_ROUTE') {
      throw new HoldfastError('HF_NO_ROUTE', 'this server is older than its client, and has no feed of its consoles');
    }
    throw error;
  }
}
