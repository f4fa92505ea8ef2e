/** Between the pages of one browser and what they share. */
import type { FeedNews } from '../../src/model/feed.ts';

export type ToPage =
  | { readonly type: 'news'; readonly news: FeedNews }
  | { readonly type: 'standing'; readonly standing: Standing };

/** How it is with the feed. */
export type Standing =
  | { readonly is: 'loading' }
  | { readonly is: 'live' /** Of the server. */; readonly version: string | undefined }
  /** `since`: wall time, milliseconds. */
  | { readonly is: 'away'; readonly since: number; readonly reason: string }
  | { readonly is: 'logged-out' };

/** A page acknowledges each message, and says when it leaves: a worker cannot tell otherwise. */
export type FromPage = 'taken' | 'gone';

/** The least interval at which each page is told the state of the feed. */
export const BEAT_MS = 10_000;
