/** Connections that have not logged in, capped per peer so they cannot starve users. */

export class WaitingRoom<Guest> {
  readonly #most: number;
  readonly #turnOut: (guest: Guest) => void;
  /** By peer, each in the order of arrival. */
  readonly #guests = new Map<string, Set<Guest>>();
  #size = 0;

  /** `turnOut` is called for an evicted guest, after it has left. */
  constructor(most: number, turnOut: (guest: Guest) => void) {
    this.#most = most;
    this.#turnOut = turnOut;
  }

  get size(): number {
    return this.#size;
  }

  /** If it is full, the peer with most guests loses its oldest one. */
  enter(peer: string, guest: Guest): void {
    const group = this.#guests.get(peer) ?? new Set();
    this.#guests.set(peer, group.add(guest));
    this.#size++;
    if (this.#size > this.#most) {
      const [crowd, guests] = [...this.#guests].reduce((most, next) => (next[1].size > most[1].size ? next : most));
      const oldest = guests.values().next().value as Guest;
      this.leave(crowd, oldest);
      this.#turnOut(oldest);
    }
  }

  /** Logged in, or gone. Twice does nothing. */
  leave(peer: string, guest: Guest): void {
    const group = this.#guests.get(peer);
    if (group?.delete(guest)) {
      this.#size--;
      if (group.size === 0) {
        this.#guests.delete(peer);
      }
    }
  }
}
