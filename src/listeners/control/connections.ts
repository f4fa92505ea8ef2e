/**
 * The connections at the control socket: how many there may be, and what one may cost if its peer does not finish its
 * requests, or does not read the answers. Requests on one connection are answered one after the other; a peer that asks
 * faster is not read.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HoldfastError } from '../../model/errors.ts';
import { problemOf } from '../../model/problem.ts';
import { problemResponse } from '../../platform/net/problem-response.ts';
import { descriptorOf } from '../../platform/net/socket-descriptor.ts';
import type { Clock } from '../../platform/time/clock.ts';

/** Times are milliseconds. */
export interface ConnectionLimits {
  /** Connections in all; one more replaces the oldest idle one. */
  readonly connections: number;
  /** How many of them may be sessions and streaming answers: the others are for short requests. */
  readonly lasting: number;
  /** Requests waiting for their turn: those of one connection at which it is not read any more, and those in all. */
  readonly waiting: number;
  readonly waitingInAll: number;
  /** Bytes of answers waiting for their readers, in total; beyond that the largest is dropped. */
  readonly unread: number;
  /** Time for a request to arrive completely. */
  readonly arrival: number;
  /** How often requests are checked for that. */
  readonly look: number;
  /** Time until the next request after an answer. */
  readonly idle: number;
  /** Time for a peer to take more of its answer. */
  readonly reading: number;
}

export const LIMITS: ConnectionLimits = {
  connections: 1024,
  lasting: 896,
  waiting: 16,
  waitingInAll: 16_384,
  unread: 64 << 20,
  arrival: 15_000,
  look: 5000,
  idle: 30_000,
  reading: 30_000,
};

/** A refused peer has this long to read the reason, and only so many peers at a time. */
const FAREWELL = 1000;
const MOST_PARTING = 64;
/**
 * Requests started in one turn of the loop: the consoles get their turns in between, however many requests arrive at
 * once.
 */
const AT_ONCE = 8;
/** An answer that its peer has not read for this long gives way to a new connection. */
const STALLED = 2000;
const OUT_OF_DESCRIPTORS = 'The server is out of descriptors; try again';

interface Connection {
  readonly socket: Socket;
  /** The request being answered, and since when. */
  current: IncomingMessage | undefined;
  since: number;
  /** Requests behind it. */
  waiting: number;
  /** A session, or a streaming answer. */
  lasting: boolean;
}

export interface ConnectionsOptions {
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  /** Whether connections and their requests may use this descriptor. */
  readonly mayKeep: (fd: number) => boolean;
  /**
   * How many connections may briefly use others: making room frees descriptors, but does not change the number they
   * got.
   */
  readonly strays: number;
  /** A connection was refused for lack of descriptors. */
  readonly refused: () => void;
  /**
   * Resolves when the peer is known, or cannot be. That is waited for before a request has its turn: many peers become known at the same
   * moment, and all their requests would begin then.
   */
  readonly known: (socket: Socket) => Promise<unknown>;
}

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #all = new Map<Socket, Connection>();
  #waiting = 0;
  #lasting = 0;
  #parting = 0;
  readonly #queue: { readonly socket: Socket; readonly begin: () => void }[] = [];

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  get sockets(): Iterable<Socket> {
    return this.#all.keys();
  }

  /** Manages a server's connections; `answer` gets each request in its turn, `upgrade` each that becomes a session. */
  watch(
    server: Server,
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
  ): void {
    const { arrival, idle, reading } = this.#options.limits;
    server.headersTimeout = arrival;
    server.requestTimeout = arrival;
    server.keepAliveTimeout = idle;
    server.timeout = reading;
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('request', (request, response) => this.#inTurn(request, response, answer));
    server.on('upgrade', (request, duplex, head) => {
      const socket = duplex as Socket;
      socket.on('error', () => socket.destroy());
      this.#later(socket, () => upgrade(request, socket, head));
    });
    server.on('timeout', (socket: Socket) => this.#silent(socket));
    server.on('clientError', (error, socket) => this.#unreadable(error, socket as Socket));
  }

  /** This connection becomes a session, or its answer a stream. Throws HF_BUSY if there are too many of them. */
  keep(socket: Socket): void {
    const connection = this.#all.get(socket);
    if (!connection) {
      throw new HoldfastError('HF_BUSY', 'The connection is gone');
    }
    const { lasting } = this.#options.limits;
    if (this.#lasting >= lasting) {
      throw new HoldfastError(
        'HF_BUSY',
        `The server has ${lasting} sessions and followers already, which is its limit`,
      );
    }
    this.mustKeep(descriptorOf(socket) ?? 0);
    connection.lasting = true;
    this.#lasting += 1;
  }

  /** Throws HF_BUSY for one of the last descriptors. */
  mustKeep(fd: number): void {
    if (!this.#options.mayKeep(fd)) {
      this.#options.refused();
      throw new HoldfastError('HF_BUSY', OUT_OF_DESCRIPTORS);
    }
  }

  /** Call before an answer is sent: drops the largest unread answers if peers leave too much unread. */
  makeRoom(): void {
    const unread = [...this.#all.values()].filter(({ socket }) => socket.writableLength > 0);
    let sum = unread.reduce((bytes, { socket }) => bytes + socket.writableLength, 0);
    if (sum <= this.#options.limits.unread) {
      return;
    }
    unread.sort((a, b) => b.socket.writableLength - a.socket.writableLength);
    for (const { socket } of unread) {
      sum -= socket.writableLength;
      socket.destroy();
      if (sum <= this.#options.limits.unread) {
        return;
      }
    }
  }

  /**
   * Sends a final, complete answer in place of any pending one; then the connection ends, whether it is read or not.
   */
  refuse(socket: Socket, problem: Parameters<typeof problemResponse>[0]): void {
    if (!socket.writable || this.#parting >= MOST_PARTING) {
      socket.destroy();
      return;
    }
    this.#parting += 1;
    const timer = this.#options.clock.after(FAREWELL, () => socket.destroy());
    socket.once('close', () => {
      this.#parting -= 1;
      timer.cancel();
    });
    // Not closed at once: a request still in transit would make the peer see an error instead of the answer.
    socket.end(problemResponse(problem));
  }

  #admit(socket: Socket): void {
    const { limits, mayKeep, refused, clock } = this.#options;
    const scarce = !mayKeep(descriptorOf(socket) ?? 0);
    if ((scarce || this.#all.size >= limits.connections) && !this.#evict(scarce)) {
      if (scarce) {
        refused();
      }
      const what = scarce ? OUT_OF_DESCRIPTORS : `The server has ${limits.connections} connections; try again`;
      // It would answer errors of its own.
      socket.on('error', () => socket.destroy());
      this.refuse(socket, problemOf('HF_BUSY', what));
      return;
    }
    const connection = { socket, current: undefined, since: clock.monotonic(), waiting: 0, lasting: false };
    this.#all.set(socket, connection);
    socket.once('close', () => this.#gone(connection));
    // Node resumes reading by itself at the end of every request.
    socket.on('resume', () => this.#pauseIfAhead(connection));
  }

  #gone(connection: Connection): void {
    this.#all.delete(connection.socket);
    this.#waiting -= connection.waiting;
    this.#release(connection);
  }

  /** Ends the oldest connection that is idle, or whose answer is not being read. Returns whether there was one. */
  #evict(scarce: boolean): boolean {
    const { clock, mayKeep, strays } = this.#options;
    const now = clock.monotonic();
    const all = [...this.#all.values()];
    const over = scarce ? all.filter(({ socket }) => !mayKeep(descriptorOf(socket) ?? 0)) : [];
    for (const { socket, current, since, lasting } of over.length > strays ? over : all) {
      const asked = lasting || current?.complete === true;
      const stalled = current !== undefined && socket.writableLength > 0 && now - since > STALLED;
      if (!asked || stalled) {
        socket.destroy();
        this.#all.delete(socket);
        return true;
      }
    }
    return false;
  }

  #inTurn(
    request: IncomingMessage,
    response: ServerResponse,
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): void {
    const connection = this.#all.get(request.socket);
    // It was refused or dropped, and this arrived in the same read.
    if (!connection || request.socket.destroyed) {
      return;
    }
    const begin = (): void => {
      connection.current = request;
      connection.since = this.#options.clock.monotonic();
      response.once('close', () => {
        if (connection.current === request) {
          connection.current = undefined;
        }
        this.#answered(connection);
      });
      this.#later(connection.socket, () => answer(request, response));
    };
    if (response.socket) {
      begin();
      return;
    }
    connection.waiting += 1;
    this.#waiting += 1;
    if (this.#waiting > this.#options.limits.waitingInAll) {
      request.socket.destroy();
      return;
    }
    this.#pauseIfAhead(connection);
    response.once('socket', () => {
      connection.waiting -= 1;
      this.#waiting -= 1;
      begin();
    });
  }

  #later(socket: Socket, begin: () => void): void {
    const enter = (): void => {
      this.#queue.push({ socket, begin });
      if (this.#queue.length === 1) {
        setImmediate(() => this.#beginSome());
      }
    };
    // A failure is reported by the caller that needs the answer.
    this.#options.known(socket).then(enter, enter);
  }

  #beginSome(): void {
    for (const { socket, begin } of this.#queue.splice(0, AT_ONCE)) {
      if (!socket.destroyed) {
        begin();
      }
    }
    if (this.#queue.length > 0) {
      setImmediate(() => this.#beginSome());
    }
  }

  #answered(connection: Connection): void {
    this.#release(connection);
    if (connection.waiting < this.#options.limits.waiting) {
      connection.socket.resume();
    }
  }

  #release(connection: Connection): void {
    this.#lasting -= connection.lasting ? 1 : 0;
    connection.lasting = false;
  }

  #pauseIfAhead({ waiting, socket }: Connection): void {
    if (waiting >= this.#options.limits.waiting) {
      socket.pause();
    }
  }

  /** Nothing was read or written for `reading` milliseconds, or, between two requests, for `idle`. */
  #silent(socket: Socket): void {
    const connection = this.#all.get(socket);
    const stuck = connection?.current === undefined || (socket.writableLength > 0 && !connection.lasting);
    if (stuck) {
      socket.destroy();
    }
  }

  /** Input that is not HTTP at all, or never ends. */
  #unreadable(error: Error & { code?: string }, socket: Socket): void {
    const answering = this.#all.get(socket)?.current?.complete === true;
    if (error.code === 'ECONNRESET' || answering) {
      socket.destroy();
    } else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      const seconds = this.#options.limits.arrival / 1000;
      this.refuse(socket, problemOf('HF_BAD_REQUEST', `The request did not come in whole within ${seconds} s`, 408));
    } else {
      this.refuse(socket, problemOf('HF_BAD_REQUEST', `This is not an HTTP request (${error.code ?? error.message})`));
    }
  }
}
