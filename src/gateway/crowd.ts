/**
 * The connections at the gateway: how many one address may have, and how many strangers there may be. One stranger more replaces the oldest of
 * the address that has most of them, so that whoever logs in at once gets in, however many only hold a connection.
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
  readonly ends: Ends;
  readonly peer: string;
  /** Brings those of many addresses. */
  readonly isProxy: boolean;
  isKnown: boolean;
  isGone: boolean;
}

export class Crowd {
  #limits: CrowdLimits;
  readonly #guests = new Map<Ends, Guest>();
  readonly #peers = new Map<string, number>();
  /** By their address; the oldest of each is first. */
  readonly #strangers = new Map<string, Set<Guest>>();
  #known = 0;
  readonly #refused: (peer: string) => void;

  /** `refused`: this address has all that it may have. */
  constructor(limits: CrowdLimits, refused: (peer: string) => void = () => undefined) {
    this.#limits = limits;
    this.#refused = refused;
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
    // Others may be at the same address, or at the same unix socket.
    const peer = `${isProxy ? 'proxy ' : ''}${peerNetwork(addressOf(socket) ?? 'unix')}`;
    const count = this.#peers.get(peer) ?? 0;
    if (!isProxy && count >= this.#limits.connectionsPerAddress) {
      socket.destroy();
      this.#refused(peer);
      return;
    }
    const ends = endsOf(socket);
    const guest: Guest = { socket, ends, peer, isProxy, isKnown: false, isGone: false };
    this.#peers.set(peer, count + 1);
    this.#guests.set(ends, guest);
    this.#strangers.set(peer, (this.#strangers.get(peer) ?? new Set()).add(guest));
    socket.once('close', () => this.#gone(guest));
    if (this.#guests.size - this.#known > this.#limits.connections) {
      this.#evict();
    }
  }

  /** The peer has logged in. Returns whether there is room for one more. */
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
    this.#forget(guest);
    return true;
  }

  close(): void {
    for (const { socket } of this.#guests.values()) {
      socket.destroy();
    }
  }

  #evict(): void {
    let most = 0;
    let oldest: Guest | undefined;
    for (const strangers of this.#strangers.values()) {
      const [first] = strangers;
      const count = first?.isProxy ? 1 : strangers.size;
      if (count > most) {
        [most, oldest] = [count, first];
      }
    }
    if (oldest) {
      // Its `close` comes after others that arrived with it.
      this.#gone(oldest);
      oldest.socket.destroy();
    }
  }

  /** It has logged in, or is gone. */
  #forget(guest: Guest): void {
    const strangers = this.#strangers.get(guest.peer);
    strangers?.delete(guest);
    if (strangers?.size === 0) {
      this.#strangers.delete(guest.peer);
    }
  }

  #gone(guest: Guest): void {
    if (guest.isGone) {
      return;
    }
    guest.isGone = true;
    // The kernel may have given its port to another one by now.
    if (this.#guests.get(guest.ends) === guest) {
      this.#guests.delete(guest.ends);
    }
    this.#known -= guest.isKnown ? 1 : 0;
    this.#forget(guest);
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
