/** Lets connections in at the endpoints of one instance. */

import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ANONYMOUS, type Principal } from '../../model/principal.ts';
import type { Listening } from '../../platform/net/listen.ts';
import { receiveNow } from '../../platform/net/receive-now.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { Crowd } from './crowd.ts';
import type { Instance } from './instance.ts';
import { watchPeer } from './peer-watch.ts';
import { Session, type SessionOptions } from './session.ts';

/** A connection is kept alive by the kernel after this silence. Milliseconds. */
const KEEPALIVE = 60_000;
/**
 * A stream is full when this much waits in it: what waits besides is kept once for all, in the ring. With Node's 64 KiB a thousand
 * readers that do not read kept 1,600 small pieces each. Bytes.
 */
const STREAM_FULL = 4096;

/** Something to be done before a connection is served; resolves with who connected, and what is to be called after it. */
export type Prepare = (socket: Socket) => Promise<{ readonly by: Principal; readonly over: () => void }>;

export class Acceptor {
  readonly #instance: Instance;
  readonly #clock: Clock;
  readonly #sessions = new Set<Session>();
  /** Connected, and not served yet. */
  readonly #waiting = new Set<Socket>();
  readonly #servers: Server[] = [];

  readonly #allowed: (socket: Socket) => boolean;
  readonly #crowded: (listening: Listening, text: string) => void;

  /** `allowed` says whether a peer may connect at all; `crowded` is told when connections are refused for their number. */
  constructor(
    instance: Instance,
    clock: Clock,
    allowed: (socket: Socket) => boolean,
    crowded: (listening: Listening, text: string) => void = () => undefined,
  ) {
    this.#instance = instance;
    this.#clock = clock;
    this.#allowed = allowed;
    this.#crowded = crowded;
  }

  /**
   * Accepts connections on a socket that listens already. `options` is asked for each one; `prepare` is waited for before it
   * is served, and what it returns is called when it is over. The returned function stops listening.
   */
  open(listening: Listening, options: () => Omit<SessionOptions, 'by'>, prepare?: Prepare): () => void {
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE,
      highWaterMark: STREAM_FULL,
    });
    const crowd = new Crowd(server, this.#clock, (text) => this.#crowded(listening, text));
    server.on('connection', (socket) => {
      if (!this.#allowed(socket)) {
        socket.destroy();
      } else if (crowd.admits(socket)) {
        void this.#serve(socket, listening.endpoint.kind === 'tcp', options(), prepare);
      }
    });
    server.listen({ fd: listening.fd });
    this.#servers.push(server);
    return () => server.close();
  }

  /** Serves one connection, whatever it is made of; `over` is called when that ends. */
  admit(stream: Duplex, options: SessionOptions, over = (): void => undefined): Session {
    const early = receiveNow(stream);
    const session: Session = new Session(this.#instance, stream, options, () => {
      this.#sessions.delete(session);
      over();
    });
    this.#sessions.add(session);
    session.hear(early);
    return session;
  }

  async #serve(socket: Socket, tcp: boolean, options: Omit<SessionOptions, 'by'>, prepare?: Prepare): Promise<void> {
    // It may be gone before anybody listens to it otherwise.
    socket.on('error', () => undefined);
    this.#waiting.add(socket);
    const { by, over } = (await prepare?.(socket)) ?? { by: ANONYMOUS };
    // Keys that others struck before this one connected lie in their sockets, and are read by then: they act before its banner.
    await setImmediate();
    this.#waiting.delete(socket);
    if (socket.destroyed) {
      over?.();
    } else {
      watchPeer(socket, tcp, this.admit(socket, { ...options, by }, over), this.#clock);
    }
  }

  /** Ends all sessions after their last bytes, at the latest after `patience` milliseconds, and listens no more. */
  async close(patience: number): Promise<void> {
    for (const server of this.#servers) {
      server.close();
    }
    for (const socket of this.#waiting) {
      socket.destroy();
    }
    const ended = [...this.#sessions].map((session) => session.finish());
    await Promise.race([
      Promise.all(ended),
      new Promise((resolve) => this.#clock.after(patience, () => resolve(null))),
    ]);
  }
}
