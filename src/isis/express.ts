import { LARGEST_MESSAGE, upperCase } from '../codec/imp.ts';
import { ImpHeader, type PackedName, packName } from '../codec/imp-header.ts';
import type { HostTable } from './host-table.ts';
import type { ByteSocket, IsisClock, IsisLog } from './surroundings.ts';

/** What the express lane uses of the server. */
export interface ExpressServer {
  readonly id: string;
  readonly table: HostTable;
  readonly logging: boolean;
  readonly log: IsisLog;
  readonly clock: IsisClock;
}

const CR = 13;
const BROADCAST = packName('AL');

/**
 * Passes on what is the most of all traffic, a message from one known host to another, both on UDP and both where they were
 * before, without making a string or an object of it. It knows no rule of its own: what it does not take goes the long way,
 * and what it takes has the same effects there (`test/unit/isis-express.test.ts` holds the two against each other).
 */
export class Express {
  readonly #server: ExpressServer;
  readonly #header = new ImpHeader();
  #id = '';
  #own: PackedName = BROADCAST;

  constructor(server: ExpressServer) {
    this.#server = server;
  }

  /** False: not taken, and nothing was changed. */
  passOn(socket: ByteSocket, start: number, size: number, ip: number, port: number): boolean {
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
    const { destinationLow, destinationHigh } = header;
    if (isFor(this.#own, destinationLow, destinationHigh) || isFor(BROADCAST, destinationLow, destinationHigh)) {
      return false;
    }
    const from = server.table.findPacked(header.sourceLow, header.sourceHigh);
    if (from === undefined || from.route.kind !== 'udp' || from.route.ip !== ip || from.route.port !== port) {
      return false;
    }
    const to = server.table.findPacked(destinationLow, destinationHigh);
    if (to === undefined || to.route.kind !== 'udp') {
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
}

function isFor(name: PackedName, low: number, high: number): boolean {
  return name.low === low && name.high === high;
}
