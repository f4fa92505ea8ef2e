import { LARGEST_MESSAGE, upperCase } from '../codec/imp.ts';
import { ImpHeader, type PackedName, packName } from '../codec/imp-header.ts';
import { CR } from '../model/ascii.ts';
import type { HostTable, IsisHost } from './host-table.ts';
import type { ByteSocket, IsisClock, IsisLog } from './surroundings.ts';

/** The part of the server that the fast path uses. */
export interface ExpressServer {
  readonly id: string;
  readonly table: HostTable;
  readonly logging: boolean;
  readonly log: IsisLog;
  readonly clock: IsisClock;
}

/** Clears the bit that makes letters lower-case. */
const LETTERS = 0xdfdfdfdf;
const PING = packName('PING').low;
const BROADCAST = packName('AL');

/**
 * Handles the bulk of all traffic in place: messages from one known host to another and PING, on UDP, from the
 * sender's known address. It has no rules of its own: anything it does not handle takes the slow path, which would have
 * the same effects for what it does handle (`test/unit/isis-fast-path.test.ts` holds the two against each other).
 */
export class FastPath {
  readonly #server: ExpressServer;
  readonly #header = new ImpHeader();
  #id = '';
  #own: PackedName = BROADCAST;

  constructor(server: ExpressServer) {
    this.#server = server;
  }

  /** False: not taken, and nothing was changed. */
  take(socket: ByteSocket, start: number, size: number, ip: number, port: number): boolean {
    const { memory } = socket;
    const header = this.#header;
    const server = this.#server;
    if (size >= LARGEST_MESSAGE || !header.read(memory, start, size)) {
      return false;
    }
    if (server.id !== this.#id) {
      this.#id = server.id;
      this.#own = packName(upperCase(server.id));
    }
    const { sourceLow, sourceHigh, destinationLow, destinationHigh } = header;
    const from = server.table.findPacked(sourceLow, sourceHigh);
    if (from === undefined || from.route.kind !== 'udp' || from.route.ip !== ip || from.route.port !== port) {
      return false;
    }
    if (this.#own.low === destinationLow && this.#own.high === destinationHigh) {
      return this.#ping(socket, start, from);
    }
    const broadcast = BROADCAST.low === destinationLow && BROADCAST.high === destinationHigh;
    const to = broadcast ? undefined : server.table.findPacked(destinationLow, destinationHigh);
    if (to === undefined || to.route.kind !== 'udp') {
      return false;
    }
    if (to.route.port === port && to.route.ip === ip && !to.returns.allow(server.clock.monotonic())) {
      // The slow path reports why it is refused.
      return false;
    }
    if (server.logging) {
      server.log.writeBytes(memory, start, header.end);
    }
    from.heard = server.clock.monotonic();
    if (header.lower) {
      header.upperCase(memory, start);
    }
    memory[header.end] = CR;
    socket.forward(start, header.end + 1 - start, to.route.ip, to.route.port, to.sent);
    return true;
  }

  /** Answers a PING; any other command takes the slow path. */
  #ping(socket: ByteSocket, start: number, from: IsisHost): boolean {
    const { memory } = socket;
    const { body, end } = this.#header;
    if (end - body !== 4) {
      return false;
    }
    const word =
      ((memory[body] as number) << 24) |
      ((memory[body + 1] as number) << 16) |
      ((memory[body + 2] as number) << 8) |
      (memory[body + 3] as number);
    const server = this.#server;
    const { route } = from;
    if ((word & LETTERS) !== PING || route.kind !== 'udp') {
      return false;
    }
    if (server.logging) {
      server.log.writeBytes(memory, start, end);
    }
    from.heard = server.clock.monotonic();
    // The answer, with its CR, overwrites the question; it may be a few bytes longer.
    const size = this.#answer(memory, start, from.name);
    if (server.logging) {
      server.log.writeBytes(memory, start, start + size - 1);
    }
    socket.forward(start, size, route.ip, route.port, from.sent);
    return true;
  }

  #answer(memory: Uint8Array, start: number, name: string): number {
    let at = start;
    for (const part of [this.#id, '>', name, ' PONG\r']) {
      for (let i = 0; i < part.length; i += 1, at += 1) {
        memory[at] = part.charCodeAt(i);
      }
    }
    return at - start;
  }
}
