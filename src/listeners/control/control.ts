/**
 * The control API (docs/reference/api.md): HTTP and WebSocket over one listening socket opened by the caller. Fastify
 * is loaded with the first request, so that an unused API costs nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { principalOf } from '../../access/peer.ts';
import { WATCH_PATH } from '../../model/feed.ts';
import type { ApiPath } from '../../model/gateway-protocol.ts';
import { GATEWAY_PATH } from '../../model/gateway-protocol.ts';
import type { HostDoor } from '../../model/host-port.ts';
import type { LoginPort } from '../../model/login-port.ts';
import { PROBLEM_TYPE } from '../../model/problem.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { AttachAcceptor } from './attach.ts';
import { peers, vouchedBy } from './callers.ts';
import { type ConnectionLimits, Connections, LIMITS } from './connections.ts';
import { openHttp } from './http.ts';
import { problemFrom } from './problem.ts';
import { PATHS } from './routes.ts';
import { WatchAcceptor } from './watch.ts';

/** The gateway, at a socket that is for it. */
export interface GatewayPeer {
  /** The user that it runs as. */
  readonly uid: number;
  /** Identifies its clients. */
  readonly logins: LoginPort;
  /** The connection by which it is told what to do. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
}

export interface ControlOptions {
  readonly door: HostDoor;
  readonly clock: Clock;
  /** Called with exceptions that are our own defects, for the server's log. */
  readonly fault: (error: unknown) => void;
  readonly limits?: ConnectionLimits;
  /** Absent: this is the control socket. */
  readonly gateway?: GatewayPeer;
  /** At the control socket: the user of the gateway, where it has one of its own. */
  readonly gatewayUid?: () => number | undefined;
  /** Whether connections and their requests may use this descriptor; absent: all. */
  readonly mayKeep?: (fd: number) => boolean;
  /** How many connections may briefly use others. */
  readonly strays?: number;
  /** Called when a connection was refused for lack of descriptors. */
  readonly refused?: () => void;
}

export interface Control {
  /** Serves on a socket that listens already (platform/listen.ts gave it mode and group). */
  listen(fd: number): Promise<void>;
  /** Serves on an HTTP server that the caller listens with. */
  attachTo(server: Server): void;
  /** All requests that there are. */
  readonly paths: readonly ApiPath[];
  /** How many connections there are. */
  readonly connections: number;
  /** Sessions are told, requests are finished, nothing is left open afterwards. */
  close(): Promise<void>;
}

/** Milliseconds that pending answers have to finish when the server goes down. */
const LAST_ANSWERS_MS = 2500;

export function createControl(options: ControlOptions): Control {
  const { door, clock, fault, gateway, limits = LIMITS } = options;
  const callers = gateway ? vouchedBy(gateway.uid) : peers(options.gatewayUid);
  const { mayKeep = () => true, strays = 0, refused = () => undefined } = options;
  const closing = new AbortController();
  // The gateway says who each request is of.
  const known = async (socket: Socket) => (gateway ? undefined : door.as(await principalOf(socket, 'api')));
  const connections = new Connections({ limits, clock, mayKeep, strays, refused, known });
  const parts = { door, callers, connections, clock, fault };
  const sessions = new AttachAcceptor(parts);
  const watchers = new WatchAcceptor(parts);
  const servers = new Set<Server>();
  let routing: Promise<(request: IncomingMessage, response: ServerResponse) => void> | undefined;

  const loaded = () => {
    routing ??= openHttp({ ...parts, logins: gateway?.logins, closing: closing.signal }).then(
      (app) => (request, response) => void app.routing(request, response),
    );
    // Descriptors may have been missing: the next request tries again.
    routing.catch(() => {
      routing = undefined;
    });
    return routing;
  };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    loaded().then(
      (route) => route(request, response),
      (error) => {
        fault(error);
        const problem = problemFrom(error);
        response.writeHead(problem.status, { 'Content-Type': PROBLEM_TYPE }).end(JSON.stringify(problem));
      },
    );
  };

  const link = (peer: GatewayPeer, request: IncomingMessage, socket: Socket, head: Buffer): void => {
    callers(request)
      .then(() => {
        connections.keep(socket);
        peer.upgrade(request, socket, head);
      })
      .catch((error: unknown) => connections.refuse(socket, problemFrom(error)));
  };

  const attachTo = (server: Server): void => {
    servers.add(server);
    connections.watch(server, answer, (request, socket, head) => {
      const [path] = (request.url ?? '').split('?', 1);
      if (path === GATEWAY_PATH && gateway) {
        link(gateway, request, socket, head);
      } else {
        (path === WATCH_PATH ? watchers : sessions).upgrade(request, socket, head);
      }
    });
  };

  return {
    attachTo,
    paths: PATHS,
    get connections() {
      return connections.size;
    },
    async listen(fd) {
      const server = createServer({ connectionsCheckingInterval: limits.look });
      attachTo(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ fd }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    },
    async close() {
      closing.abort();
      sessions.close('The server is going down');
      watchers.close('The server is going down');
      const limit = clock.after(LAST_ANSWERS_MS, () => {
        for (const socket of connections.sockets) {
          socket.destroy();
        }
      });
      await Promise.all([...servers].map((server) => closed(server, [...connections.sockets])));
      limit.cancel();
    },
  };
}

/** An HTTP server forgets a socket that became a WebSocket: those are waited for as well. */
async function closed(server: Server, sockets: readonly Socket[]): Promise<void> {
  const listening = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.all([
    listening,
    ...sockets.map((socket) => socket.destroyed || new Promise((resolve) => socket.once('close', resolve))),
  ]);
}
