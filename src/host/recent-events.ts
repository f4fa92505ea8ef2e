/** The history of a server that keeps none on disk: the newest events, in memory. */
import type { HostEvent } from '../model/events.ts';
import type { EventLog } from './event-log.ts';

const MOST_EVENTS = 2000;

export class RecentEvents implements Pick<EventLog, 'find' | 'newest' | 'since'> {
  #events: HostEvent[] = [];

  /** Records an event; a listener of `Events`. */
  add(event: HostEvent): void {
    this.#events.push(event);
    if (this.#events.length > MOST_EVENTS * 1.5) {
      this.#events = this.#events.slice(-MOST_EVENTS);
    }
  }

  get newest(): number {
    return this.#events.at(-1)?.seq ?? 0;
  }

  get since(): string | undefined {
    return this.#events[0]?.time;
  }

  /** The newest `limit` events that match, oldest first. */
  async find(matches: (event: HostEvent) => boolean, limit: number): Promise<readonly HostEvent[]> {
    return limit === 0 ? [] : this.#events.filter(matches).slice(-limit);
  }
}
