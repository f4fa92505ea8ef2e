/** Lets connections in at the endpoints of one instance. */

import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../platform/clock.ts';
import { isHungUp } from '../../platform/hung-up.ts';
import type { Listening } from '../../platform/listen.ts';
import { receiveNow } from '../../platform/receive-now.ts';
import type { Instance } from './instance.ts';
import { Session, type SessionOptions } from './session.ts';

/** A connection is kept alive by the kernel after this silence. Milliseconds. */
const KEEPALIVE = 60_000;
/** When to look whether a peer that stopped writing is gone; then every LAST. Milliseconds. */
const LOOKS = [10, 50, 150, 500, 2000, 10_000] as const;
/** How often a connection that is not read is looked after. Milliseconds. */
const PAUSED_LOOK = 1000;
/** Telnet NOP: a peer that is gone answers it with a reset, one that only stopped writing with nothing. */
const NOP = Uint8Array.of(255, 241);

/** Something to be done before a connection is served; resolves with what is to be called after it. */
export type Prepare = (socket: Socket) => Promise<() => void>;

export class Door {
  readonly #instance: Instance;
  readonly #clock: Clock;
  readonly #sessions = new Set<Session>();
  /** Connected, and not served yet. */
  readonly #waiting = new Set<Socket>();
  readonly #servers: Server[] = [];

  readonly #allowed: (socket: Socket) => boolean;

  /** `allowed` says whether a peer may connect at all. */
  constructor(instance: Instance, clock: Clock, allowed: (socket: Socket) => boolean) {
    this.#instance = instance;
    this.#clock = clock;
    this.#allowed = allowed;
  }

  /**
   * Accepts connections on a socket that listens already. `options` is asked for each one; `prepare` is waited for before it
   * is served, and what it returns is called when it is over. The returned function stops listening.
   */
  open(listening: Listening, options: () => SessionOptions, prepare?: Prepare): () => void {
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE,
    });
    server.on('connection', (socket) => {
      if (!this.#allowed(socket)) {
        socket.destroy();
        return;
      }
      const tcp = listening.endpoint.kind === 'tcp';
      socket.on('end', () => this.#watchHalfOpen(socket, tcp, 0));
      if (tcp) {
        this.#watchPaused(socket);
      }
      if (prepare) {
        void this.#admitLater(socket, options(), prepare);
      } else {
        this.admit(socket, options());
      }
    });
    server.listen({ fd: listening.fd });
    this.#servers.push(server);
    return () => server.close();
  }

  /** Serves one connection, whatever it is made of. */
  admit(stream: Duplex, options: SessionOptions): Session {
    const early = receiveNow(stream);
    const session: Session = new Session(this.#instance, stream, options, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    session.hear(early);
    return session;
  }

  async #admitLater(socket: Socket, options: SessionOptions, prepare: Prepare): Promise<void> {
    // It may be gone before anybody listens to it otherwise.
    socket.on('error', () => undefined);
    this.#waiting.add(socket);
    const done = await prepare(socket);
    this.#waiting.delete(socket);
    socket.once('close', done);
    if (socket.destroyed) {
      done();
    } else {
      this.admit(socket, options);
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

  /**
   * Whoever waits for a child that does not read is not read either, and a reset would not be heard. Not for unix sockets:
   * there a hang-up may follow commands that were sent completely.
   */
  #watchPaused(socket: Socket): void {
    let timer: Timer | undefined;
    const look = (): void => {
      timer = this.#clock.after(PAUSED_LOOK, () => {
        timer = undefined;
        if (isHungUp(socket)) {
          socket.destroy();
        } else if (socket.isPaused()) {
          look();
        }
      });
    };
    socket.on('pause', () => timer ?? look());
    socket.on('close', () => timer?.cancel());
  }

  /**
   * A peer that has shut down its writing side still reads (`nc`, `telnet </dev/null`; reference 13.8), one that has closed
   * altogether does not: TCP tells them apart only by what happens to bytes sent to it.
   */
  #watchHalfOpen(socket: Socket, tcp: boolean, look: number): void {
    // After our end it would break the stream, and with it what is still on its way.
    if (look === 0 && tcp && socket.writable) {
      socket.write(NOP);
    }
    this.#clock.after(LOOKS[look] ?? (LOOKS.at(-1) as number), () => {
      if (socket.destroyed) {
        return;
      }
      if (isHungUp(socket)) {
        socket.destroy();
      } else {
        this.#watchHalfOpen(socket, tcp, look + 1);
      }
    });
  }
}
