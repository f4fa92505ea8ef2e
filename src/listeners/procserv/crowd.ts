/**
 * The connections of an endpoint. Beyond its limit a peer is told so and closed, which is reported once, not for each
 * of them.
 */
import type { Server, Socket } from 'node:net';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import { refusedConnection } from './messages.ts';

/** Far more than the people and programs on one console, and fewer than would starve the others. */
const MAX_CONNECTIONS = 500;
/** Limit of refused peers that have not read the reason yet; further ones get none. */
const PARTING = 50;
/** Milliseconds that a refused peer may take to read it. */
const FAREWELL_MS = 1000;
/** Milliseconds without a refusal after which there is room again. */
const CALM_MS = 10_000;

export class Crowd {
  readonly #clock: Clock;
  readonly #tell: (text: string) => void;
  readonly #most: number;
  #open = 0;
  #refused = 0;
  #calm: Timer | undefined;

  /** `tell` is called when peers are refused, and when that is over. */
  constructor(server: Server, clock: Clock, tell: (text: string) => void, most = MAX_CONNECTIONS) {
    this.#clock = clock;
    this.#tell = tell;
    this.#most = most;
    server.maxConnections = most + PARTING;
    server.on('drop', () => this.#count());
    server.once('close', () => this.#calm?.cancel());
  }

  /** Whether a new connection may stay; one that may not is closed here. */
  admits(socket: Socket): boolean {
    if (this.#open < this.#most) {
      this.#open++;
      socket.once('close', () => this.#open--);
      return true;
    }
    this.#count();
    const drop = (): void => void socket.destroy();
    const late = this.#clock.after(FAREWELL_MS, drop);
    socket.once('close', () => late.cancel());
    // Its input is read: an earlier close would be a reset, and the reason would be lost.
    socket.on('error', drop).on('end', drop).resume().end(refusedConnection(this.#most));
    return false;
  }

  #count(): void {
    this.#refused++;
    if (this.#refused === 1) {
      this.#tell(`${this.#most} connections are open, which is the limit: further ones are refused`);
    }
    this.#calm?.cancel();
    this.#calm = this.#clock.after(CALM_MS, () => {
      this.#tell(`no further connection is refused; ${this.#refused} ${this.#refused === 1 ? 'was' : 'were'}`);
      this.#refused = 0;
    });
  }
}
