import type { WireEvent } from '../../codec/conserver-wire.ts';

/** What can happen in a session: the server, the keyboard or a local command says something. */
export type SessionEvent =
  | { readonly from: 'server'; readonly event: WireEvent }
  | { readonly from: 'server-end' }
  | { readonly from: 'keys'; readonly bytes: Uint8Array }
  | { readonly from: 'keys-end' }
  | { readonly from: 'command'; readonly bytes: Uint8Array }
  | { readonly from: 'command-end'; readonly text: string };

/** Who can say so much that it has to be left where it comes from. */
export type Source = 'server' | 'keys' | 'command';

/** What may wait of each of them. Bytes. */
const MOST_WAITING = 1 << 20;
/** What an event without bytes takes. */
const WEIGHT = 64;

/** One queue for all of them, so that whatever is being asked for can be waited for while the rest stays in order. */
export class Inbox {
  readonly #events: SessionEvent[] = [];
  readonly #full: (source: Source, full: boolean) => void;
  readonly #bytes: Record<Source, number> = { server: 0, keys: 0, command: 0 };
  #wake: (() => void) | undefined;

  /** `full`: whether so much of a source waits that the rest should be left there. */
  constructor(full: (source: Source, full: boolean) => void) {
    this.#full = full;
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
    const { from } = event;
    if (from === 'server' || from === 'keys' || from === 'command') {
      const bytes = from === 'server' ? (event.event.kind === 'data' ? event.event.bytes : undefined) : event.bytes;
      const wasFull = this.#bytes[from] > MOST_WAITING;
      this.#bytes[from] += sign * (bytes?.length ?? WEIGHT);
      const isFull = this.#bytes[from] > MOST_WAITING;
      if (wasFull !== isFull) {
        this.#full(from, isFull);
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
