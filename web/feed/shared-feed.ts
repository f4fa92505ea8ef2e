/**
 * The table of all consoles for every page of one browser, by one WebSocket (docs/decisions/0125-one-feed-for-a-browser.md). It looks by
 * itself whether the server still answers: a connection over a network that is gone looks alive.
 */
import { watchFar } from '../../src/client/far-watch.ts';
import { Requests } from '../../src/client/requests.ts';
import { WatchFeed } from '../../src/client/watch-feed.ts';
import type { VersionInfo } from '../../src/model/api.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import type { FeedNews } from '../../src/model/feed.ts';
import type { HostPort } from '../../src/model/host-port.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { every } from '../../src/platform/time/every.ts';
import { pause } from '../../src/platform/time/pause.ts';
import { BrowserTransport } from '../transport.ts';
import type { FromPage, Standing, ToPage } from './feed-messages.ts';

/** How often it is asked whether the server answers. */
const BEAT_MS = 10_000;
/** Between two attempts to reach it, at most. */
const LONGEST_RETRY_MS = 2000;

/** What is needed of a MessagePort. */
export interface FeedPort {
  onmessage: ((event: MessageEvent<FromPage>) => void) | null;
  postMessage(message: ToPage): void;
}

export class SharedFeed {
  readonly #transport = new BrowserTransport();
  readonly #requests = new Requests(this.#transport);
  #feed = this.#newFeed();
  readonly #ports = new Set<FeedPort>();
  #standing: Standing = { is: 'loading' };
  #version: string | undefined;
  /** When the server last said something. Wall time, milliseconds. */
  #heardAt = systemClock.now();
  #runs = false;
  #ended = new AbortController();

  join(port: FeedPort): void {
    this.#ports.add(port);
    port.onmessage = () => this.#ports.delete(port);
    if (!this.#runs) {
      this.#standing = { is: 'loading' };
    }
    const { consoles, place } = this.#feed.table;
    if (place) {
      port.postMessage({ type: 'news', news: { type: 'table', ...place, consoles } });
    }
    port.postMessage({ type: 'standing', standing: this.#standing });
    if (!this.#runs) {
      void this.#run();
    }
  }

  /** What comes is passed on before it is applied. */
  #newFeed(): WatchFeed {
    const tell = (news: FeedNews): void => {
      this.#heardAt = systemClock.now();
      this.#tell({ type: 'news', news });
    };
    const transport = this.#transport;
    const watched: Pick<HostPort, 'watch'> = {
      async *watch(after, ended) {
        for await (const news of watchFar(transport, after, ended)) {
          tell(news);
          yield news;
        }
      },
    };
    return new WatchFeed(watched, systemClock, LONGEST_RETRY_MS);
  }

  /** Until nobody is logged in any more. The next page to come is of somebody who is, and begins anew. */
  async #run(): Promise<void> {
    this.#runs = true;
    const { signal } = this.#ended;
    const beats = every(systemClock, BEAT_MS, () => void this.#beat());
    while (!signal.aborted) {
      try {
        for await (const _ of this.#feed.follow(signal)) {
          this.#stand(this.#feed.lost);
        }
      } catch (error) {
        this.#stand(error as Error);
      }
      await pause(systemClock, LONGEST_RETRY_MS, signal);
    }
    beats.cancel();
    this.#runs = false;
    this.#feed = this.#newFeed();
    this.#ended = new AbortController();
  }

  #stand(fault: Error | undefined): void {
    if (fault === undefined) {
      if (this.#standing.is !== 'live') {
        this.#set({ is: 'live', version: this.#version });
        void this.#beat();
      }
    } else if (fault instanceof HoldfastError && fault.code === 'HF_LOGIN_REFUSED') {
      this.#set({ is: 'logged-out' });
      this.#ended.abort();
    } else if (this.#standing.is !== 'away') {
      this.#set({ is: 'away', since: this.#heardAt, reason: fault.message });
      void this.#beat();
    }
  }

  #set(standing: Standing): void {
    this.#standing = standing;
    this.#tell({ type: 'standing', standing });
  }

  async #beat(): Promise<void> {
    try {
      const { version } = await this.#requests.get<VersionInfo>('/v1/version');
      this.#heardAt = systemClock.now();
      if (version !== this.#version) {
        this.#version = version;
        if (this.#standing.is === 'live') {
          this.#set({ is: 'live', version });
        }
      }
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'HF_LOGIN_REFUSED') {
        this.#stand(error);
      } else {
        this.#transport.drop();
      }
    }
  }

  #tell(message: ToPage): void {
    for (const port of this.#ports) {
      port.postMessage(message);
    }
  }
}
