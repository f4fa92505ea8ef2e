import type { WireEvent } from '../../codec/conserver-wire.ts';

/** Inputs of a session: from the server, the keyboard or a local command. */
export type SessionEvent =
  | { readonly from: 'server'; readonly event: WireEvent }
  | { readonly from: 'server-end' }
  | { readonly from: 'keys'; readonly bytes: Uint8Array }
  | { readonly from: 'keys-end' }
  | { readonly from: 'command'; readonly bytes: Uint8Array }
  | { readonly from: 'command-end'; readonly text: string };

/** Sources that can produce more than we may buffer, and are then paused. */
export type Source = 'server' | 'keys' | 'command';

/** Bytes that may wait from each of them. */
const MAX_WAITING_BYTES = 1 << 20;
/** The cost, in bytes, of an event that carries none. */
const WEIGHT = 64;

/** One queue for all of them: a caller can wait for one kind of event while the rest stays in order. */
export class Inbox {
  readonly #events: SessionEvent[] = [];
  readonly #full: (source: Source, full: boolean) => void;
  readonly #bytes: Record<Source, number> = { server: 0, keys: 0, command: 0 };
  #wake: (() => void) | undefined;

  /** `full`: whether so much of a source is waiting that it should be paused. */
  constructor(full: (source: Source, full: boolean) => void) {
    this.#full = full;
  }

  readonly push = (event: SessionEvent): void => {
    this.#events.push(event);
    this.#count(event, 1);
    this.#wake?.();
  };

  /** Puts back the bytes that were taken and not needed. */
  unshift(event: SessionEvent): void {
    this.#events.unshift(event);
    this.#count(event, 1);
  }

  #count(event: SessionEvent, sign: 1 | -1): void {
    const { from } = event;
    if (from === 'server' || from === 'keys' || from === 'command') {
      const bytes = from === 'server' ? (event.event.kind === 'data' ? event.event.bytes : undefined) : event.bytes;
      const wasFull = this.#bytes[from] > MAX_WAITING_BYTES;
      this.#bytes[from] += sign * (bytes?.length ?? WEIGHT);
      const isFull = this.#bytes[from] > MAX_WAITING_BYTES;
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
