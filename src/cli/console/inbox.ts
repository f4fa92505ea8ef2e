import type { WireEvent } from '../../codec/conserver-wire.ts';

/** What can happen in a session: the server, the keyboard or a local command says something. */
export type SessionEvent =
  | { readonly from: 'server'; readonly event: WireEvent }
  | { readonly from: 'server-end' }
  | { readonly from: 'keys'; readonly bytes: Uint8Array }
  | { readonly from: 'keys-end' }
  | { readonly from: 'command'; readonly bytes: Uint8Array }
  | { readonly from: 'command-end'; readonly text: string };

/** Bytes. */
const MOST_FROM_SERVER = 1 << 20;

/** One queue for all of them, so that whatever is being asked for can be waited for while the rest stays in order. */
export class Inbox {
  readonly #events: SessionEvent[] = [];
  readonly #serverFull: (full: boolean) => void;
  #serverBytes = 0;
  #wake: (() => void) | undefined;

  /** `serverFull`: whether so much from the server waits (the user is at a prompt) that it should be left there. */
  constructor(serverFull: (full: boolean) => void) {
    this.#serverFull = serverFull;
  }

  readonly push = (event: SessionEvent): void => {
    this.#events.push(event);
    this.#count(event, 1);
    this.#wake?.();
  };

  /** Puts back what was taken too much. */
  unshift(event: SessionEvent): void {
    this.#events.unshift(event);
    this.#count(event, 1);
  }

  #count(event: SessionEvent, sign: 1 | -1): void {
    if (event.from === 'server') {
      const wasFull = this.#serverBytes > MOST_FROM_SERVER;
      this.#serverBytes += sign * (event.event.kind === 'data' ? event.event.bytes.length : 1);
      if (wasFull !== this.#serverBytes > MOST_FROM_SERVER) {
        this.#serverFull(!wasFull);
      }
    }
  }

  /** The first event that is wanted; the others wait. */
  async next(wanted: (event: SessionEvent) => boolean = () => true): Promise<SessionEvent> {
    for (;;) {
      const index = this.#events.findIndex(wanted);
      if (index >= 0) {
        const event = this.#events.splice(index, 1)[0] as SessionEvent;
        this.#count(event, -1);
        return event;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
