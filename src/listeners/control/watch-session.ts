/** One watch WebSocket: the news of the feed for one client, one at a time. */
import type { WebSocket } from 'ws';
import type { FeedNews } from '../../model/feed.ts';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import { SignOfLife } from './sign-of-life.ts';

/** How long a client has to read the closing message. */
const FAREWELL_MS = 2000;
/** For smaller messages it is not worth looking whether too much is unread. */
const LARGE_BYTES = 16 << 10;

/** WebSocket close codes (RFC 6455 7.4.1). */
const GOING_AWAY = 1001;
const POLICY = 1008;
const INTERNAL = 1011;

/** The same news go to many: their text is made once. */
const texts = new WeakMap<FeedNews, Buffer>();

function textOf(news: FeedNews): Buffer {
  const text = texts.get(news) ?? Buffer.from(JSON.stringify(news));
  texts.set(news, text);
  return text;
}

export class WatchSession {
  readonly #ws: WebSocket;
  readonly #clock: Clock;
  readonly #fault: (error: unknown) => void;
  readonly #ended = new AbortController();
  readonly #life: SignOfLife;
  #farewell: Timer | undefined;
  #over = false;

  /** `fault` is called for our own defects; they cost this session only. */
  constructor(ws: WebSocket, clock: Clock, fault: (error: unknown) => void) {
    this.#ws = ws;
    this.#clock = clock;
    this.#fault = fault;
    this.#life = new SignOfLife(ws, clock);
    ws.on('message', () => this.end('A watcher has nothing to say', POLICY));
    // By then ws has closed the connection with the right code (1002, 1007, 1009).
    ws.on('error', () => undefined);
    ws.once('close', () => this.#gone());
  }

  /** Sends what `watch` gives, each once the client has taken the one before it: until then the news get newer. */
  async run(watch: (ended: AbortSignal) => AsyncIterable<FeedNews>, makeRoom: () => void): Promise<void> {
    try {
      for await (const news of watch(this.#ended.signal)) {
        const text = textOf(news);
        if (text.length > LARGE_BYTES) {
          makeRoom();
        }
        await this.#send(text);
      }
      if (!this.#over) {
        void this.#send(Buffer.from(JSON.stringify({ type: 'again' })));
        this.end('The rights have changed');
      }
    } catch (error) {
      this.#fault(error);
      this.end('The server failed at this session', INTERNAL);
    }
  }

  /** Sends the closing message, and gives the client some time to read it. */
  end(reason: string, code = GOING_AWAY): void {
    if (this.#over) {
      return;
    }
    void this.#send(Buffer.from(JSON.stringify({ type: 'closed', reason })));
    this.#over = true;
    this.#ended.abort();
    this.#ws.close(code, reason);
    this.#farewell = this.#clock.after(FAREWELL_MS, () => this.#ws.terminate());
  }

  /** Resolves when the kernel has taken it, or never will. */
  #send(text: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#over) {
        resolve();
        return;
      }
      this.#ws.send(text, { binary: false }, () => {
        this.#life.given();
        resolve();
      });
    });
  }

  #gone(): void {
    this.#over = true;
    this.#ended.abort();
    this.#farewell?.cancel();
    this.#life.close();
  }
}
