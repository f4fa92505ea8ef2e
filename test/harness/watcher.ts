/** Somebody who watches the table of all consoles, from one server to the next. */
import assert from 'node:assert/strict';
import type { FeedNews } from '../../src/model/feed.ts';
import { WatchedTable } from '../../src/model/feed.ts';
import type { HostPort } from '../../src/model/host-port.ts';

export class Watcher {
  readonly table = new WatchedTable();
  /** The messages received, in order. */
  readonly news: FeedNews[] = [];
  #watching: AbortController | undefined;
  #reads: PromiseWithResolvers<void> | undefined;

  get watches(): boolean {
    return this.#watching !== undefined;
  }

  /** Begins, or goes on where it was, also with another server. */
  watch(host: Pick<HostPort, 'watch'>): void {
    this.leave();
    this.#watching = new AbortController();
    void this.#read(host, this.#watching.signal);
  }

  leave(): void {
    this.#watching?.abort();
    this.#watching = undefined;
  }

  /** Takes nothing more until `readOn`. */
  readNoMore(): void {
    this.#reads ??= Promise.withResolvers();
  }

  readOn(): void {
    this.#reads?.resolve();
    this.#reads = undefined;
  }

  async #read(host: Pick<HostPort, 'watch'>, ended: AbortSignal): Promise<void> {
    for await (const each of host.watch(this.table.place, ended)) {
      if (ended.aborted) {
        return;
      }
      this.#take(each);
      await this.#reads?.promise;
    }
  }

  #take(each: FeedNews): void {
    const { place } = this.table;
    if (each.type === 'changes') {
      assert.equal(each.feed, place?.feed, 'changes of another feed');
      assert.ok(place && each.number >= place.number, 'changes of before');
      const names = [...each.changed.map(({ name }) => name), ...each.gone];
      assert.equal(new Set(names).size, names.length, `told twice: ${names}`);
    }
    this.news.push(each);
    this.table.apply(each);
  }
}
