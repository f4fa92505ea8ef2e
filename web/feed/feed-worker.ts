/**
 * The shared feed as a SharedWorker; where a browser has none (Chrome on Android), a page loads this module, and has the feed for itself.
 */
import type { FeedPort } from './feed-ports.ts';
import { SharedFeed } from './shared-feed.ts';

const feed = new SharedFeed();

export function join(port: FeedPort): void {
  feed.join(port);
}

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port) {
    feed.join(port);
  }
});
