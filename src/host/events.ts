/** What happens to the host, told to whoever listens: the history, the journal, the control API, the status line. */
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

  /** Numbers what happened and tells it, in the order in which they came, to all who listen. */
  add(happening: Happening): HostEvent {
    const event: HostEvent = { seq: ++this.#seq, time: new Date(this.#now()).toISOString(), ...happening };
    for (const listener of [...this.#listeners]) {
      listener(event);
    }
    return event;
  }

  /** Hears of everything from now on, until the returned function is called. */
  listen(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As `listen`, of these types only. */
  on<Type extends HostEvent['type']>(types: readonly Type[], listener: (event: EventOf<Type>) => void): () => void {
    const wanted: ReadonlySet<HostEvent['type']> = new Set(types);
    return this.listen((event) => (wanted.has(event.type) ? listener(event as EventOf<Type>) : undefined));
  }
}
