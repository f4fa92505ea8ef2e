/** Where a host was last heard: the last address wins (section 3). */
export type Route =
  | { readonly kind: 'udp'; readonly address: string; readonly port: number }
  | { readonly kind: 'serial'; readonly line: number };

export interface Host {
  /** In upper case. */
  readonly name: string;
  /** Keeps its number until it is removed, so listings may have gaps. */
  readonly slot: number;
  route: Route;
  /** Milliseconds of the monotonic clock. */
  heard: number;
  /** Takes the outcome of a send to this host; kept here so that a send needs no closure of its own. */
  readonly sent: (error: string | undefined) => void;
}

/** Hosts by slot and by exact name. A new host takes the lowest free slot. */
export class HostTable {
  readonly #slots: (Host | undefined)[];
  readonly #byName = new Map<string, Host>();

  constructor(size: number) {
    this.#slots = new Array<Host | undefined>(size).fill(undefined);
  }

  get size(): number {
    return this.#slots.length;
  }

  get count(): number {
    return this.#byName.size;
  }

  find(name: string): Host | undefined {
    return this.#byName.get(name);
  }

  /** undefined: the table is full. */
  add(name: string, route: Route, heard: number, failed: (host: Host, error: string) => void): Host | undefined {
    const slot = this.#slots.indexOf(undefined);
    if (slot < 0) {
      return undefined;
    }
    const host: Host = {
      name,
      slot,
      route,
      heard,
      sent: (error) => {
        if (error !== undefined) {
          failed(host, error);
        }
      },
    };
    this.#slots[slot] = host;
    this.#byName.set(name, host);
    return host;
  }

  remove(host: Host): void {
    this.#slots[host.slot] = undefined;
    this.#byName.delete(host.name);
  }

  /** In the order of the slots. */
  *[Symbol.iterator](): Generator<Host> {
    for (const host of this.#slots) {
      if (host) {
        yield host;
      }
    }
  }

  /** Gives the table another size; hosts beyond it are forgotten (a warm restart with a smaller MaxHosts). */
  resize(size: number): Host[] {
    const lost = this.#slots.slice(size).filter((host) => host !== undefined);
    for (const host of lost) {
      this.remove(host);
    }
    while (this.#slots.length < size) {
      this.#slots.push(undefined);
    }
    this.#slots.length = size;
    return lost;
  }
}
