/** `GET /v1/consoles/:name/attach`: turns a request into a WebSocket and lets its session in. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { WebSocketServer } from 'ws';
import { HoldfastError } from '../../model/errors.ts';
import type { HostDoor } from '../../model/host-port.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { KeyPace } from '../../platform/time/key-pace.ts';
import type { AcceptorParts } from './acceptor.ts';
import { ACKNOWLEDGED, SUBPROTOCOL } from './attach-messages.ts';
import { AttachSession, mostWaiting, WEBSOCKET_OPTIONS } from './attach-session.ts';
import { LEAST_WINDOW_BYTES, WINDOW_BYTES } from './attach-window.ts';
import type { Callers } from './callers.ts';
import { readQuery } from './check.ts';
import type { Connections } from './connections.ts';
import { problemFrom } from './problem.ts';
import { Reason } from './verbs.ts';

export const ATTACH_PATH = /^\/v1\/consoles\/([^/]+)\/attach$/;

export const AttachQuery = Type.Object(
  {
    lines: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Lines of history first.' })),
    offset: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Continue at this offset of the output.',
      }),
    ),
    write: Type.Optional(Type.Boolean({ description: '`1`: ask for the keyboard at once, without force.' })),
    reason: Reason,
    window: Type.Optional(
      Type.Integer({
        minimum: LEAST_WINDOW_BYTES,
        maximum: WINDOW_BYTES,
        description: 'At most so many bytes beyond what is acknowledged.',
      }),
    ),
  },
  { additionalProperties: false },
);

export class AttachAcceptor {
  readonly #door: HostDoor;
  readonly #callers: Callers;
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #fault: (error: unknown) => void;
  readonly #sessions = new Set<AttachSession>();
  readonly #server = new WebSocketServer({
    ...WEBSOCKET_OPTIONS,
    handleProtocols: (offered) => (offered.has(ACKNOWLEDGED) ? ACKNOWLEDGED : SUBPROTOCOL),
  });
  readonly #most = (): number => mostWaiting(this.#sessions.size);
  readonly #keyPace: KeyPace;
  #closed = false;

  constructor({ door, callers, connections, clock, fault }: AcceptorParts) {
    this.#door = door;
    this.#callers = callers;
    this.#connections = connections;
    this.#clock = clock;
    this.#keyPace = new KeyPace(clock);
    this.#fault = fault;
  }

  /** For the `upgrade` event of an HTTP server, which handles the socket's errors. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#open(request, socket, head).catch((error: unknown) => {
      this.#report(error);
      this.#connections.refuse(socket, problemFrom(error));
    });
  }

  async #open(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const { name, query } = this.#read(request);
    this.#refuseWhenClosed();
    const host = await this.#door.as((await this.#callers(request)).by);
    this.#refuseWhenClosed();
    // Refused with an HTTP answer while the client still expects one.
    host.mustEnter(name);
    this.#connections.keep(socket);
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const keys = this.#keyPace.connection(() => undefined);
      const session = new AttachSession(ws, socket, this.#clock, this.#fault, this.#most, keys);
      this.#sessions.add(session);
      ws.once('close', () => this.#sessions.delete(session));
      const { lines = 0, offset, write = false, reason, window } = query;
      const from = offset === undefined ? { lines } : { offset };
      session.begin(host, name, { from, mode: write ? 'write' : 'read', reason }, window);
    });
  }

  /** Says goodbye to everybody. */
  close(reason: string): void {
    this.#closed = true;
    for (const session of [...this.#sessions]) {
      session.end(reason);
    }
  }

  #read(request: IncomingMessage): { name: string; query: Static<typeof AttachQuery> } {
    this.#refuseWhenClosed();
    const [path = '', search = ''] = (request.url ?? '').split('?', 2);
    const name = ATTACH_PATH.exec(path)?.[1];
    if (name === undefined) {
      throw new HoldfastError('HF_NO_ROUTE', 'A WebSocket is at /v1/consoles/NAME/attach and /v1/watch only');
    }
    const query = readQuery(AttachQuery, Object.fromEntries(new URLSearchParams(search))) as Static<typeof AttachQuery>;
    if (query.lines !== undefined && query.offset !== undefined) {
      throw new HoldfastError('HF_BAD_REQUEST', 'query: `lines` or `offset`, not both');
    }
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((each) => each.trim());
    if (!offered?.some((each) => each === ACKNOWLEDGED || each === SUBPROTOCOL)) {
      throw new HoldfastError('HF_BAD_REQUEST', `The subprotocol is ${ACKNOWLEDGED} or ${SUBPROTOCOL}`);
    }
    try {
      return { name: decodeURIComponent(name), query };
    } catch {
      throw new HoldfastError('HF_BAD_REQUEST', 'path: the name is badly encoded');
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed) {
      throw new HoldfastError('HF_GOING_DOWN', 'The server is going down');
    }
  }

  #report(error: unknown): void {
    if (!(error instanceof HoldfastError)) {
      this.#fault(error);
    }
  }
}
