/**
 * The descriptors of this process, shared between peers and our own needs. The kernel gives every new one the lowest
 * free number: a connection whose number lies in the reserve means that all below it are in use, so nothing has to be
 * counted.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { descriptorOf } from '../net/socket-descriptor.ts';
import type { Clock, Timer } from '../time/clock.ts';

/**
 * `guest`: a connection to a console. `control`: one to the control socket, which has to answer when the others are
 * full.
 */
export type Share = 'guest' | 'control';

/**
 * Reserved for our own files, terminals and lookups, and for the control socket: fractions of the limit, within bounds.
 */
const OWN = { part: 16, least: 6, most: 64 };
const CONTROL = { part: 8, least: 8, most: 256 };
/** The last part of the guests' share is for listeners that have few of them. */
const CROWD = 0.75;
const FEW = 8;
/** Milliseconds without a refusal after which there is room again. */
const CALM_MS = 5000;

/**
 * The descriptor numbers at which the shares end; `crowd`: for listeners with more than a few guests. `strays`: how
 * many connections may briefly exceed theirs, until they are answered.
 */
export function sharesOf(limit: number): Readonly<Record<Share | 'crowd' | 'strays', number>> {
  const reserve = ({ part, least, most }: typeof OWN) => Math.min(most, Math.max(least, Math.floor(limit / part)));
  const own = reserve(OWN);
  const control = limit - own;
  const guest = control - reserve(CONTROL);
  return { control, guest, crowd: Math.floor(guest * CROWD), strays: Math.floor(own / 2) };
}

/** Soft limit of open files; Node has raised it to the hard one. */
function ownLimit(): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(soft ?? Number.POSITIVE_INFINITY);
}

export interface DescriptorUse {
  readonly limit: number;
  readonly used: number;
  /** Refusing connections since then (ISO 8601), so many until now. */
  readonly short?: { readonly since: string; readonly refused: number };
}

/**
 * Decides which new connections may keep their descriptor. Refusals are reported once when they begin and once when
 * they end.
 */
export class DescriptorGuard {
  readonly #clock: Clock;
  readonly #tell: (text: string) => void;
  readonly #limit = ownLimit();
  readonly #shares = sharesOf(this.#limit);
  readonly #guests = new Map<string, number>();
  readonly #closed = new Set<string>();
  #timer: Timer | undefined;
  #refused = 0;
  #since = '';
  #last = 0;

  constructor(clock: Clock, tell: (text: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get use(): DescriptorUse {
    const short = this.#refused === 0 ? {} : { short: { since: this.#since, refused: this.#refused } };
    return { limit: this.#limit, used: this.#used(), ...short };
  }

  get strays(): number {
    return this.#shares.strays;
  }

  /** Whether a descriptor is within the share. */
  fits(fd: number, share: Share | 'crowd'): boolean {
    return fd < this.#shares[share];
  }

  /** Admits a guest to a listener; without room the guest is sent `farewell`, and the caller closes the connection. */
  admits(socket: Socket, door: string, farewell: string): boolean {
    const guests = this.#guests.get(door) ?? 0;
    if (!this.fits(descriptorOf(socket) ?? 0, guests < FEW ? 'guest' : 'crowd')) {
      this.refused(door);
      socket.on('error', () => undefined);
      socket.write(farewell);
      return false;
    }
    this.#guests.set(door, guests + 1);
    socket.once('close', () => {
      const left = (this.#guests.get(door) ?? 1) - 1;
      if (left > 0) {
        this.#guests.set(door, left);
      } else {
        this.#guests.delete(door);
      }
    });
    return true;
  }

  /** Whether this listener has refused connections recently. */
  turnsAway(door: string): boolean {
    return this.#closed.has(door);
  }

  /** A connection was refused at this listener. */
  refused(door: string): void {
    this.#closed.add(door);
    this.#last = this.#clock.monotonic();
    this.#refused += 1;
    if (this.#refused === 1) {
      this.#since = new Date(this.#clock.now()).toISOString();
      const use = `${this.#used()} of ${this.#limit} are in use`;
      this.#tell(`out of descriptors: ${use}; new connections are refused, first at ${door}`);
    }
    this.#timer ??= this.#clock.after(CALM_MS, () => this.#look());
  }

  #look(): void {
    const calm = this.#clock.monotonic() - this.#last;
    // The clients that hold all descriptors may never leave.
    if (calm < CALM_MS || this.#used() >= this.#shares.crowd) {
      this.#timer = this.#clock.after(CALM_MS, () => this.#look());
      return;
    }
    this.#timer = undefined;
    const count = `${this.#refused} connection${this.#refused === 1 ? ' was' : 's were'}`;
    this.#refused = 0;
    this.#closed.clear();
    this.#tell(`descriptors are available again; ${count} refused`);
  }

  #used(): number {
    try {
      // The descriptor that reads the list is included.
      return readdirSync('/proc/self/fd').length - 1;
    } catch {
      return this.#limit;
    }
  }
}
