/** Accepts connections at the endpoints of one instance. */

import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ANONYMOUS } from '../../model/principal.ts';
import type { Listening } from '../../platform/net/listen.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { Crowd } from './crowd.ts';
import type { Instance } from './instance.ts';
import { watchPeer } from './peer-watch.ts';
import { ProcServSession, type SessionOptions } from './session.ts';

/** After this silence the kernel checks whether the peer is there. */
const KEEPALIVE_MS = 60_000;
/**
 * A stream is full when this much waits in it; the rest is kept once for all readers, in the ring. With Node's 64 KiB,
 * a thousand clients that did not read kept 1,600 small pieces each.
 */
const HIGH_WATER_BYTES = 4096;

/** One socket that it listens on. */
export interface Port {
  /** Accepts no more; those that are connected stay. */
  close(): void;
  /** Ends all connections that came in there, and tells them why. */
  end(why: string): void;
}

export class Acceptor {
  readonly #instance: Instance;
  readonly #clock: Clock;
  readonly #sessions = new Set<ProcServSession>();
  readonly #servers: Server[] = [];

  readonly #allowed: (socket: Socket) => boolean;
  readonly #crowded: (listening: Listening, text: string) => void;

  /**
   * `allowed` says whether a peer may connect at all; `crowded` is called when connections are refused for their
   * number.
   */
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

  /** Accepts connections on a socket that listens already. `options` and `who` are called for each one. */
  open(
    listening: Listening,
    options: () => Omit<SessionOptions, 'by'>,
    who: (socket: Socket) => SessionOptions['by'] = () => ANONYMOUS,
  ): Port {
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE_MS,
      highWaterMark: HIGH_WATER_BYTES,
    });
    const sessions = new Set<ProcServSession>();
    const crowd = new Crowd(server, this.#clock, (text) => this.#crowded(listening, text));
    server.on('connection', (socket) => {
      if (!this.#allowed(socket)) {
        socket.destroy();
      } else if (crowd.admits(socket)) {
        const session = this.admit(socket, { ...options(), by: who(socket) });
        sessions.add(session);
        socket.once('close', () => sessions.delete(session));
        watchPeer(socket, listening.endpoint.kind === 'tcp', session, this.#clock);
      }
    });
    server.listen({ fd: listening.fd });
    this.#servers.push(server);
    return {
      close: () => void server.close(),
      end: (why) => {
        for (const session of sessions) {
          session.dismiss(why);
        }
      },
    };
  }

  /** Serves one connection of any kind. */
  admit(stream: Duplex, options: SessionOptions): ProcServSession {
    const session: ProcServSession = new ProcServSession(this.#instance, stream, options, () =>
      this.#sessions.delete(session),
    );
    this.#sessions.add(session);
    return session;
  }

  /** Stops listening, and ends all sessions after their last bytes, within `patience` milliseconds. */
  async close(patience: number): Promise<void> {
    for (const server of this.#servers) {
      server.close();
    }
    const ended = [...this.#sessions].map((session) => session.finish());
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const limit = this.#clock.after(patience, resolve);
    await Promise.race([Promise.all(ended), late]);
    limit.cancel();
  }
}
