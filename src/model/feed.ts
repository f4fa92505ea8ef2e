/** The feed of all consoles: their table, then what changes in it. Shapes, names, and the reader's side. Pure. */
import type { ConsoleSummary } from './api.ts';

export const WATCH_PATH = '/v1/watch';
export const WATCH_PROTOCOL = 'holdfast.watch.v1';

/** A place in a feed. Each server begins a feed of its own, and numbers what changes. */
export interface FeedPlace {
  readonly feed: string;
  readonly number: number;
}

/** All consoles at this place. */
export interface FeedTable extends FeedPlace {
  readonly type: 'table';
  readonly consoles: readonly ConsoleSummary[];
}

/** Changes since the reader's last position; empty: none. */
export interface FeedChanges extends FeedPlace {
  readonly type: 'changes';
  /** New ones, and those that differ, whole. */
  readonly changed: readonly ConsoleSummary[];
  /** Names. */
  readonly gone: readonly string[];
}

export type FeedNews = FeedTable | FeedChanges;

/** The table as its reader has it, to which the news are applied. */
export class WatchedTable {
  readonly #consoles = new Map<string, ConsoleSummary>();
  #place: FeedPlace | undefined;

  /** Where the feed has to go on; undefined: nothing has come yet. */
  get place(): FeedPlace | undefined {
    return this.#place;
  }

  get consoles(): readonly ConsoleSummary[] {
    return [...this.#consoles.values()];
  }

  apply(news: FeedNews): void {
    if (news.type === 'table') {
      this.#consoles.clear();
    }
    for (const console of news.type === 'table' ? news.consoles : news.changed) {
      this.#consoles.set(console.name, console);
    }
    for (const name of news.type === 'table' ? [] : news.gone) {
      this.#consoles.delete(name);
    }
    this.#place = { feed: news.feed, number: news.number };
  }
}
