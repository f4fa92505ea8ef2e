import { type PackedName, packName } from '../codec/imp-header.ts';
import { ipv4Number } from '../model/ipv4.ts';
import { Returns } from './returns.ts';

/** Where a host was last heard: the last address wins (spec/isis.md 3.3). */
export type Route =
  | {
      readonly kind: 'udp';
      readonly address: string;
      readonly port: number /** `ipv4Number` of the address. */;
      readonly ip: number;
    }
  | { readonly kind: 'serial'; readonly line: number };

export function udpRoute(address: string, port: number): Route {
  return { kind: 'udp', address, port, ip: ipv4Number(address) ?? 0 };
}

/** Whether a datagram of this sender would return to it on this route. */
export function leadsTo(route: Route, address: string, port: number): boolean {
  return route.kind === 'udp' && route.port === port && route.address === address;
}

export interface IsisHost {
  /** In upper case. */
  readonly name: string;
  /** Keeps its number until it is removed, so listings may have gaps. */
  readonly slot: number;
  readonly packed: PackedName;
  route: Route;
  /** Messages that come from its own address. */
  readonly returns: Returns;
  /** Milliseconds of the monotonic clock. */
  heard: number;
  /** Takes the outcome of a send to this host; kept here so that a send needs no closure of its own. */
  readonly sent: (error: string | undefined) => void;
}

/** Hosts by slot and by exact name. A new host takes the lowest free slot. */
export class HostTable {
  readonly #slots: (IsisHost | undefined)[];
  readonly #byName = new Map<string, IsisHost>();
  /** By a number made of the packed name: small integers are the fastest keys that there are. */
  readonly #byHash = new Map<number, readonly IsisHost[]>();

  constructor(size: number) {
    this.#slots = new Array<IsisHost | undefined>(size).fill(undefined);
  }

  get size(): number {
    return this.#slots.length;
  }

  get count(): number {
    return this.#byName.size;
  }

  find(name: string): IsisHost | undefined {
    return this.#byName.get(name);
  }

  /** Like `find`, for a name parsed in place. */
  findPacked(low: number, high: number): IsisHost | undefined {
    const hosts = this.#byHash.get(hash(low, high));
    if (hosts !== undefined) {
      for (let i = 0; i < hosts.length; i += 1) {
        const host = hosts[i] as IsisHost;
        if (host.packed.low === low && host.packed.high === high) {
          return host;
        }
      }
    }
    return undefined;
  }

  /** undefined: the table is full. */
  add(
    name: string,
    route: Route,
    heard: number,
    failed: (host: IsisHost, error: string) => void,
  ): IsisHost | undefined {
    const slot = this.#slots.indexOf(undefined);
    if (slot < 0) {
      return undefined;
    }
    const host: IsisHost = {
      name,
      slot,
      packed: packName(name),
      route,
      returns: new Returns(),
      heard,
      sent: (error) => {
        if (error !== undefined) {
          failed(host, error);
        }
      },
    };
    this.#slots[slot] = host;
    this.#byName.set(name, host);
    const key = hash(host.packed.low, host.packed.high);
    this.#byHash.set(key, [...(this.#byHash.get(key) ?? []), host]);
    return host;
  }

  remove(host: IsisHost): void {
    this.#slots[host.slot] = undefined;
    this.#byName.delete(host.name);
    const key = hash(host.packed.low, host.packed.high);
    const others = (this.#byHash.get(key) ?? []).filter((one) => one !== host);
    if (others.length > 0) {
      this.#byHash.set(key, others);
    } else {
      this.#byHash.delete(key);
    }
  }

  /** In the order of the slots. */
  *[Symbol.iterator](): Generator<IsisHost> {
    for (const host of this.#slots) {
      if (host) {
        yield host;
      }
    }
  }

  /** Gives the table another size; hosts beyond it are forgotten (a warm restart with a smaller MaxHosts). */
  resize(size: number): IsisHost[] {
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

function hash(low: number, high: number): number {
  return Math.imul(low, 0x9e3779b1) ^ high;
}
