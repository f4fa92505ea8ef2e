/**
 * The pages at a feed. A page that sleeps, or whose tab has died without a word, takes nothing: it is sent only so much. When it wakes up it is
 * sent how all is by then.
 */
import type { FromPage, ToPage } from './feed-messages.ts';

/** Most unacknowledged messages of a page: a minute of a busy host. */
export const MOST_UNTAKEN = 256;

interface Listener {
  heard(event: { readonly data: FromPage }): void;
}

/** The part of MessagePort that is used. */
export interface FeedPort {
  onmessage: Listener['heard'] | null;
  postMessage(message: ToPage): void;
}

interface Page {
  untaken: number;
  hasMissed: boolean;
}

export class FeedPorts {
  readonly #pages = new Map<FeedPort, Page>();
  readonly #whole: () => readonly ToPage[];

  /** `whole`: the state for a page that has none. */
  constructor(whole: () => readonly ToPage[]) {
    this.#whole = whole;
  }

  join(port: FeedPort): void {
    const page: Page = { untaken: 0, hasMissed: false };
    this.#pages.set(port, page);
    port.onmessage = ({ data }) => (data === 'gone' ? this.#pages.delete(port) : this.#taken(port, page));
    this.#send(port, page, this.#whole());
  }

  tell(message: ToPage): void {
    for (const [port, page] of this.#pages) {
      page.hasMissed ||= page.untaken >= MOST_UNTAKEN;
      if (!page.hasMissed) {
        this.#send(port, page, [message]);
      }
    }
  }

  #taken(port: FeedPort, page: Page): void {
    page.untaken--;
    if (page.hasMissed && page.untaken === 0) {
      page.hasMissed = false;
      this.#send(port, page, this.#whole());
    }
  }

  #send(port: FeedPort, page: Page, messages: readonly ToPage[]): void {
    for (const message of messages) {
      page.untaken++;
      port.postMessage(message);
    }
  }
}
