/**
 * The table of all consoles for every page of one browser, by one WebSocket (docs/decisions/0125-one-feed-for-a-browser.md). It looks by
 * itself whether the server still answers: a connection over a network that is gone looks alive.
 */
import { watchFar } from '../../src/client/far-watch.ts';
import { problemError } from '../../src/client/problem-error.ts';
import { WatchFeed } from '../../src/client/watch-feed.ts';
import type { VersionInfo } from '../../src/model/api.ts';
import { type ErrorCode, HoldfastError } from '../../src/model/errors.ts';
import type { FeedNews } from '../../src/model/feed.ts';
import type { HostPort } from '../../src/model/host-port.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { every } from '../../src/platform/time/every.ts';
import { pause } from '../../src/platform/time/pause.ts';
import { BrowserTransport, textOf } from '../transport.ts';
import { BEAT_MS, type Standing, type ToPage } from './feed-messages.ts';
import { type FeedPort, FeedPorts } from './feed-ports.ts';

/** Between two attempts to reach it, at most. */
const LONGEST_RETRY_MS = 2000;
const OK = 200;
/** Codes that mean no answer; any other error shows that the server is there. */
const UNHEARD: ReadonlySet<ErrorCode> = new Set(['HF_NO_ANSWER', 'HF_NO_SERVER'] as const);

export class SharedFeed {
  readonly #transport = new BrowserTransport();
  #feed = this.#newFeed();
  readonly #ports = new FeedPorts(() => this.#whole());
  #standing: Standing = { is: 'loading' };
  #version: string | undefined;
  /** When the server last said something. Wall time, milliseconds. */
  #heardAt = systemClock.now();
  #runs = false;
  #ended = new AbortController();

  join(port: FeedPort): void {
    if (!this.#runs) {
      this.#standing = { is: 'loading' };
    }
    this.#ports.join(port);
    if (!this.#runs) {
      void this.#run();
    }
  }

  #whole(): readonly ToPage[] {
    const { consoles, place } = this.#feed.table;
    const table: readonly ToPage[] = place ? [{ type: 'news', news: { type: 'table', ...place, consoles } }] : [];
    return [...table, { type: 'standing', standing: this.#standing }];
  }

  /** Messages are passed on before they are applied. */
  #newFeed(): WatchFeed {
    const tell = (news: FeedNews): void => {
      this.#heardAt = systemClock.now();
      this.#ports.tell({ type: 'news', news });
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

  /** Until nobody is logged in. The next page belongs to a logged-in user, and starts afresh. */
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
    this.#ports.tell({ type: 'standing', standing });
  }

  async #beat(): Promise<void> {
    // A page that hears nothing starts another feed.
    this.#ports.tell({ type: 'standing', standing: this.#standing });
    try {
      const version = await this.#askVersion();
      this.#heardAt = systemClock.now();
      if (version !== this.#version) {
        this.#version = version;
        if (this.#standing.is === 'live') {
          this.#set({ is: 'live', version });
        }
      }
    } catch (error) {
      const code = error instanceof HoldfastError ? error.code : 'HF_NO_ANSWER';
      if (code === 'HF_LOGIN_REFUSED') {
        this.#stand(error as HoldfastError);
      } else if (UNHEARD.has(code)) {
        this.#transport.drop();
      } else {
        this.#heardAt = systemClock.now();
      }
    }
  }

  /** Not the client's `Requests`, as the list needs nothing else of it. */
  async #askVersion(): Promise<string> {
    const { body, status } = await this.#transport.request({ method: 'GET', target: '/v1/version' });
    const text = await textOf(body);
    if (status !== OK) {
      throw problemError(status, text);
    }
    return (JSON.parse(text) as VersionInfo).version;
  }
}
