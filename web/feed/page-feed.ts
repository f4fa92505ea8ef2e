/** The page's end of the shared feed. */
import type { FeedNews } from '../../src/model/feed.ts';
import { FAULTS } from '../texts/page.ts';
import { BEAT_MS, type FromPage, type Standing, type ToPage } from './feed-messages.ts';

const MODULE = new URL(WEB_FILES.feed, import.meta.url);
/** Beats without a message until a feed counts as gone: browsers end workers silently. */
const SILENT_BEATS = 4;

type Hears = (message: ToPage) => void;

/** Calls back with what comes, until the page goes. `user`: pages of one user share a feed. */
export function followFeed(user: string, news: (news: FeedNews) => void, stands: (standing: Standing) => void): void {
  let silent = 0;
  let heardAt = Date.now();
  const hears: Hears = (message) => {
    silent = 0;
    heardAt = Date.now();
    if (message.type === 'news') {
      news(message.news);
    } else {
      stands(message.standing);
    }
  };
  let leave = join(user, hears);
  // Counts beats of this page rather than time: a computer that slept has missed none.
  setInterval(() => {
    silent++;
    if (silent >= SILENT_BEATS) {
      silent = 0;
      stands({ is: 'away', since: heardAt, reason: FAULTS.silent });
      leave();
      leave = join(user, hears);
    }
  }, BEAT_MS);
  addEventListener('pagehide', () => leave());
  // Restored from the back-forward cache: another user may have logged in, and this page may be outdated.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
}

/** Returns a function that leaves. */
function join(user: string, hears: Hears): () => void {
  let port: MessagePort | undefined;
  const listen = (next: MessagePort): void => {
    port = next;
    next.onmessage = ({ data }: MessageEvent<ToPage>) => {
      if (next === port) {
        hears(data);
        next.postMessage('taken' satisfies FromPage);
      }
    };
  };
  const ownFeed = (): void => {
    const { port1, port2 } = new MessageChannel();
    listen(port1);
    import(MODULE.href).then(
      ({ join: joinOwn }: typeof import('./feed-worker.ts')) => joinOwn(port2),
      () => hears({ type: 'standing', standing: { is: 'away', since: Date.now(), reason: FAULTS.connection } }),
    );
  };
  try {
    const worker = new SharedWorker(MODULE, { type: 'module', name: `holdfast ${user}` });
    // Older browsers have no module workers.
    worker.onerror = () => port === worker.port && ownFeed();
    listen(worker.port);
  } catch {
    // No storage, or not allowed, like cookies: the login is by a proxy.
    ownFeed();
  }
  return () => {
    port?.postMessage('gone' satisfies FromPage);
    port?.close();
    port = undefined;
  };
}
