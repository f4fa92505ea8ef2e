/** The page's end of the shared feed. */
import type { FeedNews } from '../../src/model/feed.ts';
import type { Standing, ToPage } from './feed-messages.ts';

const MODULE = new URL(WEB_FILES.feed, import.meta.url);

/** Calls back with what comes, until the page goes. `user`: pages of one user share a feed. */
export function followFeed(user: string, news: (news: FeedNews) => void, stands: (standing: Standing) => void): void {
  const begin = (): void => {
    const port = portOf(user);
    port.onmessage = ({ data }: MessageEvent<ToPage>) => {
      if (data.type === 'news') {
        news(data.news);
      } else {
        stands(data.standing);
      }
    };
    addEventListener(
      'pagehide',
      () => {
        port.postMessage('gone');
        port.close();
      },
      { once: true },
    );
  };
  begin();
  // As it was when somebody went elsewhere, and came back.
  addEventListener('pageshow', ({ persisted }) => persisted && begin());
}

function portOf(user: string): MessagePort {
  if ('SharedWorker' in globalThis) {
    return new SharedWorker(MODULE, { type: 'module', name: `holdfast ${user}` }).port;
  }
  const { port1, port2 } = new MessageChannel();
  void import(MODULE.href).then(({ join }: typeof import('./feed-worker.ts')) => join(port2));
  return port1;
}
