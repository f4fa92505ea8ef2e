/** `GET /v1/watch`: turns a request into a WebSocket, and sends it the table of all consoles and what changes in it. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { WebSocketServer } from 'ws';
import { SummarySchema } from '../../model/api-schema.ts';
import { HoldfastError } from '../../model/errors.ts';
import { type FeedPlace, WATCH_PROTOCOL } from '../../model/feed.ts';
import type { HostDoor } from '../../model/host-port.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { AcceptorParts } from './acceptor.ts';
import { WEBSOCKET_OPTIONS } from './attach-session.ts';
import type { Callers } from './callers.ts';
import { readQuery } from './check.ts';
import type { Connections } from './connections.ts';
import { problemFrom } from './problem.ts';
import { WatchSession } from './watch-session.ts';

const closed = { additionalProperties: false };
const Feed = Type.String({ maxLength: 64, description: 'Name of the feed: each server begins one of its own.' });
const Place = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Number of the last change.',
});

export const WatchQuery = Type.Object({ feed: Type.Optional(Feed), number: Type.Optional(Place) }, closed);

export const WatchTableSchema = Type.Object(
  { type: Type.Literal('table'), feed: Feed, number: Place, consoles: Type.Array(SummarySchema) },
  { ...closed, description: 'All consoles.' },
);

export const WatchChangesSchema = Type.Object(
  {
    ...{ type: Type.Literal('changes'), feed: Feed, number: Place },
    changed: Type.Array(SummarySchema, { description: 'Consoles that are new or differ, whole.' }),
    gone: Type.Array(Type.String(), { description: 'Names of consoles that were removed.' }),
  },
  { ...closed, description: 'What has changed since the last message, or since the place that was asked for.' },
);

export class WatchAcceptor {
  readonly #door: HostDoor;
  readonly #callers: Callers;
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #fault: (error: unknown) => void;
  readonly #sessions = new Set<WatchSession>();
  readonly #server = new WebSocketServer({ ...WEBSOCKET_OPTIONS, handleProtocols: () => WATCH_PROTOCOL });
  #closed = false;

  constructor({ door, callers, connections, clock, fault }: AcceptorParts) {
    this.#door = door;
    this.#callers = callers;
    this.#connections = connections;
    this.#clock = clock;
    this.#fault = fault;
  }

  /** For the `upgrade` event of an HTTP server, which handles the socket's errors. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#open(request, socket, head).catch((error: unknown) => {
      if (!(error instanceof HoldfastError)) {
        this.#fault(error);
      }
      this.#connections.refuse(socket, problemFrom(error));
    });
  }

  async #open(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const after = this.#place(request);
    const host = await this.#door.as((await this.#callers(request)).by);
    this.#refuseWhenClosed();
    this.#connections.keep(socket);
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const session = new WatchSession(ws, this.#clock, this.#fault);
      this.#sessions.add(session);
      ws.once('close', () => this.#sessions.delete(session));
      const makeRoom = () => this.#connections.makeRoom();
      void session.run((ended) => host.watch(after, ended), makeRoom);
    });
  }

  /** Says goodbye to everybody. */
  close(reason: string): void {
    this.#closed = true;
    for (const session of [...this.#sessions]) {
      session.end(reason);
    }
  }

  /** Where the client wants to go on; undefined: it has nothing yet. */
  #place(request: IncomingMessage): FeedPlace | undefined {
    this.#refuseWhenClosed();
    const [, search = ''] = (request.url ?? '').split('?', 2);
    const query = readQuery(WatchQuery, Object.fromEntries(new URLSearchParams(search))) as Static<typeof WatchQuery>;
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((each) => each.trim());
    if (!offered?.includes(WATCH_PROTOCOL)) {
      throw new HoldfastError('HF_BAD_REQUEST', `The subprotocol is ${WATCH_PROTOCOL}`);
    }
    const { feed, number } = query;
    if ((feed === undefined) !== (number === undefined)) {
      throw new HoldfastError('HF_BAD_REQUEST', 'query: `feed` and `number`, or neither');
    }
    return feed === undefined || number === undefined ? undefined : { feed, number };
  }

  #refuseWhenClosed(): void {
    if (this.#closed) {
      throw new HoldfastError('HF_GOING_DOWN', 'The server is going down');
    }
  }
}
