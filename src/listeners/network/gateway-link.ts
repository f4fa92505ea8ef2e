/**
 * The server's end of the connection by which the gateway is told what to do. A gateway that does not answer there is ended: another one
 * takes its place.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import {
  type FailedAddress,
  type FromGateway,
  GATEWAY_PROTOCOL,
  type GatewaySettings,
  type KeptSession,
  type ToGateway,
} from '../../model/gateway-protocol.ts';
import { problemOf } from '../../model/problem.ts';
import { linesOf } from '../../platform/lines.ts';
import { native } from '../../platform/native.ts';
import { problemResponse } from '../../platform/net/problem-response.ts';
import { descriptorOf } from '../../platform/net/socket-descriptor.ts';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import { every } from '../../platform/time/every.ts';

/** Between two questions, and how many of them may be unanswered. */
const PING_MS = 5000;
const MOST_UNANSWERED = 4;

/** Logins of browsers, which outlive a gateway. */
export interface SessionsPort {
  all(): readonly KeptSession[];
  opened(session: KeptSession): void;
  ended(key: string): void;
}

export interface GatewayLinkParts {
  readonly clock: Clock;
  /** A gateway is there, listens, or cannot. */
  readonly listens: (at: readonly string[], failed: readonly FailedAddress[]) => void;
  /** This address has as many connections as it may have. */
  readonly full: (from: string) => void;
  /** A gateway did not answer and was ended. */
  readonly hung: (pid: number) => void;
  readonly sessions: SessionsPort;
  /** Ends a process that does not answer. */
  readonly kill?: (pid: number) => void;
}

interface Linked {
  readonly socket: Socket;
  readonly timer: Timer;
  asked: number;
  answered: number;
}

export class GatewayLink {
  readonly #parts: GatewayLinkParts;
  #settings: GatewaySettings | undefined;
  #linked: Linked | undefined;

  constructor(parts: GatewayLinkParts) {
    this.#parts = parts;
  }

  get isLinked(): boolean {
    return this.#linked !== undefined;
  }

  /** The settings sent to gateways from now on. */
  tell(settings: GatewaySettings): void {
    this.#settings = settings;
    this.#send({ type: 'settings', settings });
  }

  /** Of the connection of one that has just come; an earlier one is cut off. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (request.headers.upgrade !== GATEWAY_PROTOCOL) {
      socket.end(problemResponse(problemOf('HF_BAD_REQUEST', `The protocol is ${GATEWAY_PROTOCOL}`)));
      return;
    }
    this.close();
    socket.setTimeout(0);
    socket.unshift(head);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${GATEWAY_PROTOCOL}\r\nConnection: Upgrade\r\n\r\n`);
    const timer = every(this.#parts.clock, PING_MS, () => this.#ping(linked), { ref: false });
    const linked: Linked = { socket, timer, asked: 0, answered: 0 };
    this.#linked = linked;
    socket.once('close', () => this.#gone(linked));
    void this.#listen(linked);
    for (const session of this.#parts.sessions.all()) {
      this.#send({ type: 'session', session });
    }
    if (this.#settings) {
      this.tell(this.#settings);
    }
  }

  close(): void {
    this.#linked?.socket.destroy();
  }

  #send(message: ToGateway): void {
    this.#linked?.socket.write(`${JSON.stringify(message)}\n`);
  }

  #ping(linked: Linked): void {
    if (linked.asked - linked.answered >= MOST_UNANSWERED) {
      this.#end(linked);
      return;
    }
    linked.asked++;
    this.#send({ type: 'ping', number: linked.asked });
  }

  #end({ socket }: Linked): void {
    const { kill = killed, hung } = this.#parts;
    const fd = descriptorOf(socket);
    if (fd !== undefined) {
      // The connection is still its own, and so is the number.
      const { pid } = native.peerCredentials(fd);
      kill(pid);
      hung(pid);
    }
    socket.destroy();
  }

  #gone(linked: Linked): void {
    linked.timer.cancel();
    if (this.#linked === linked) {
      this.#linked = undefined;
    }
  }

  async #listen(linked: Linked): Promise<void> {
    try {
      for await (const line of linesOf(linked.socket)) {
        const message = JSON.parse(line) as FromGateway;
        if (message.type === 'pong') {
          linked.answered = Math.max(linked.answered, Number(message.number));
        } else if (message.type === 'listens') {
          this.#parts.listens(message.at.map(String), message.failed);
        } else if (message.type === 'full') {
          this.#parts.full(String(message.from));
        } else if (message.type === 'opened') {
          this.#parts.sessions.opened(message.session);
        } else if (message.type === 'ended') {
          this.#parts.sessions.ended(String(message.key));
        }
      }
    } catch {
      // It violates the protocol, or is gone: the next one starts afresh.
    }
    linked.socket.destroy();
  }
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
