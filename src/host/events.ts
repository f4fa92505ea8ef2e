/** The events of the host, delivered to all listeners: the history, the journal, the control API, the status line. */
import type { Happening, HostEvent } from '../model/events.ts';

type EventOf<Type extends HostEvent['type']> = Extract<HostEvent, { readonly type: Type }>;

export class Events {
  readonly #now: () => number;
  readonly #listeners = new Set<(event: HostEvent) => void>();
  #seq: number;

  /** `last`: the number of the newest event of earlier servers; `now`: wall time in milliseconds. */
  constructor(now: () => number, last: number) {
    this.#now = now;
    this.#seq = last;
  }

  /** Numbers events and delivers them, in order of registration, to all listeners. */
  add(happening: Happening): HostEvent {
    const event: HostEvent = { seq: ++this.#seq, time: new Date(this.#now()).toISOString(), ...happening };
    for (const listener of [...this.#listeners]) {
      listener(event);
    }
    return event;
  }

  /** Delivers all events from now on, until the returned function is called. */
  listen(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Like `listen`, for these types only. */
  on<Type extends HostEvent['type']>(types: readonly Type[], listener: (event: EventOf<Type>) => void): () => void {
    const wanted: ReadonlySet<HostEvent['type']> = new Set(types);
    return this.listen((event) => (wanted.has(event.type) ? listener(event as EventOf<Type>) : undefined));
  }
}
