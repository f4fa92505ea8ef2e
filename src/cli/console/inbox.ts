import type { WireEvent } from '../../codec/conserver-wire.ts';

/** What can happen in a session: the server, the keyboard or a local command says something. */
export type SessionEvent =
  | { readonly from: 'server'; readonly event: WireEvent }
  | { readonly from: 'server-end' }
  | { readonly from: 'keys'; readonly bytes: Uint8Array }
  | { readonly from: 'keys-end' }
  | { readonly from: 'command'; readonly bytes: Uint8Array }
  | { readonly from: 'command-end'; readonly text: string };

/** One queue for all of them, so that whatever is being asked for can be waited for while the rest stays in order. */
export class Inbox {
  readonly #events: SessionEvent[] = [];
  #wake: (() => void) | undefined;

  readonly push = (event: SessionEvent): void => {
    this.#events.push(event);
    this.#wake?.();
  };

  /** Puts back what was taken too much. */
  unshift(event: SessionEvent): void {
    this.#events.unshift(event);
  }

  /** The first event that is wanted; the others wait. */
  async next(wanted: (event: SessionEvent) => boolean = () => true): Promise<SessionEvent> {
    for (;;) {
      const index = this.#events.findIndex(wanted);
      if (index >= 0) {
        return this.#events.splice(index, 1)[0] as SessionEvent;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
