/** How it is with the feed, for all that says so. */
import { signal } from '@preact/signals';
import type { Standing } from './feed/feed-messages.ts';

export const standing = signal<Standing>({ is: 'loading' });

/** The version of the server that the page came with: of another one, the page is another one, too. */
let version: string | undefined;
export const isOld = signal(false);

export function stands(next: Standing): void {
  // It is reported repeatedly.
  if (JSON.stringify(next) !== JSON.stringify(standing.peek())) {
    standing.value = next;
  }
  if (next.is === 'live' && next.version !== undefined) {
    version ??= next.version;
    isOld.value = version !== next.version;
  }
}
