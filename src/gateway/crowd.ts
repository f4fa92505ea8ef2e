/**
 * The connections at the gateway: how many one address may have, and how many strangers there may be. One stranger more replaces the oldest,
 * so that whoever logs in at once always gets in, however many only hold a connection.
 */
import type { Socket } from 'node:net';
import { peerNetwork } from '../access/peer-network.ts';
import { addressOf } from './peer-address.ts';

export interface CrowdLimits {
  /** Of people who have logged in; as many strangers. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** Both ends, for TLS gives a connection a second object; of a unix socket the connection itself. */
type Ends = string | Socket;

interface Guest {
  readonly socket: Socket;
  readonly peer: string;
  isKnown: boolean;
}

export class Crowd {
  #limits: CrowdLimits;
  readonly #guests = new Map<Ends, Guest>();
  readonly #peers = new Map<string, number>();
  #known = 0;

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  set limits(limits: CrowdLimits) {
    this.#limits = limits;
  }

  get perAddress(): number {
    return this.#limits.connectionsPerAddress;
  }

  get size(): number {
    return this.#guests.size;
  }

  /** Of a connection that has just been accepted: it is ended if there are too many of its address, but for one that brings those of many. */
  admit(socket: Socket, isProxy: boolean): void {
    const peer = peerNetwork(addressOf(socket) ?? 'unix');
    const count = this.#peers.get(peer) ?? 0;
    if (!isProxy && count >= this.#limits.connectionsPerAddress) {
      socket.destroy();
      return;
    }
    const ends = endsOf(socket);
    const guest: Guest = { socket, peer, isKnown: false };
    this.#peers.set(peer, count + 1);
    this.#guests.set(ends, guest);
    socket.once('close', () => this.#gone(ends, guest));
    if (this.#guests.size - this.#known > this.#limits.connections) {
      this.#evict();
    }
  }

  /** Whoever is at the other end has logged in. Returns whether there is room for one more. */
  know(socket: Socket): boolean {
    const guest = this.#guests.get(endsOf(socket));
    if (guest === undefined || guest.isKnown) {
      return guest !== undefined;
    }
    if (this.#known >= this.#limits.connections) {
      return false;
    }
    guest.isKnown = true;
    this.#known++;
    return true;
  }

  close(): void {
    for (const { socket } of this.#guests.values()) {
      socket.destroy();
    }
  }

  #evict(): void {
    for (const { isKnown, socket } of this.#guests.values()) {
      if (!isKnown) {
        socket.destroy();
        return;
      }
    }
  }

  #gone(ends: Ends, guest: Guest): void {
    if (this.#guests.get(ends) === guest) {
      this.#guests.delete(ends);
    }
    this.#known -= guest.isKnown ? 1 : 0;
    const count = (this.#peers.get(guest.peer) ?? 1) - 1;
    if (count > 0) {
      this.#peers.set(guest.peer, count);
    } else {
      this.#peers.delete(guest.peer);
    }
  }
}

function endsOf(socket: Socket): Ends {
  const { localPort, remoteAddress, remotePort } = socket;
  return remoteAddress === undefined ? socket : `${remoteAddress} ${remotePort} ${localPort}`;
}
