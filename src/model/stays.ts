/** How long those who leave were there. */
import type { EventInfo } from './api.ts';

/** `stayedMs`: since this session came, where that is known. */
export type Leaving = EventInfo & { readonly stayedMs?: number };

export class Stays {
  readonly #came = new Map<string, number>();

  /** Each event in its turn. */
  add(event: EventInfo): Leaving {
    const { console, session, time, type } = event;
    const key = `${session} ${console}`;
    if (session === undefined) {
      return event;
    }
    if (type === 'attached') {
      this.#came.set(key, Date.parse(time));
    }
    const came = this.#came.get(key);
    if (type !== 'detached' || came === undefined) {
      return event;
    }
    this.#came.delete(key);
    return { ...event, stayedMs: Date.parse(time) - came };
  }
}
