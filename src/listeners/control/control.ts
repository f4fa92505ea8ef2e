/**
 * The control API (docs/reference/api.md): HTTP and WebSocket over one listening socket that somebody else has opened.
 * Fastify is loaded with the first request, so that a server nobody talks to does not pay for it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HostPort } from '../../console/host-port.ts';
import type { IsisPort } from '../../model/isis-port.ts';
import type { Clock } from '../../platform/clock.ts';
import { AttachDoor } from './attach.ts';
import { PROBLEM_TYPE, problemFrom, problemOf } from './problem.ts';

export interface ControlOptions {
  readonly host: HostPort;
  readonly isis?: IsisPort;
  readonly clock: Clock;
  /** Told what the API threw that is nobody's mistake but ours, for the server's own log. */
  readonly fault: (error: unknown) => void;
}

export interface Control {
  /** Serves on a socket that listens already (platform/listen.ts gave it mode and group). */
  listen(fd: number): Promise<void>;
  /** Serves on an HTTP server that the caller listens with. */
  attachTo(server: Server): void;
  /** Sessions are told, requests are finished, nothing is left open afterwards. */
  close(): Promise<void>;
}

/** Answers under way have this long to finish when the server goes down. Milliseconds. */
const PATIENCE = 2500;

export function createControl({ host, isis, clock, fault }: ControlOptions): Control {
  const closing = new AbortController();
  const door = new AttachDoor(host, clock, fault);
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  let routing: Promise<(request: IncomingMessage, response: ServerResponse) => void> | undefined;

  const loaded = () => {
    routing ??= import('./http.ts')
      .then(({ openHttp }) => openHttp({ host, isis, clock, closing: closing.signal, fault }))
      .then((app) => (request, response) => void app.routing(request, response));
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

  const attachTo = (server: Server): void => {
    servers.add(server);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('request', answer);
    server.on('upgrade', (request, socket, head) => door.upgrade(request, socket as Socket, head));
    server.on('clientError', (error, socket) => refuse(error, socket as Socket));
  };

  return {
    attachTo,
    async listen(fd) {
      const server = createServer({ keepAliveTimeout: 60_000 });
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
      door.close('The server is going down');
      const limit = clock.after(PATIENCE, () => {
        for (const socket of sockets) {
          socket.destroy();
        }
      });
      await Promise.all([...servers].map((server) => closed(server, sockets)));
      limit.cancel();
    },
  };
}

/** What is no HTTP at all. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(problemOf('HF_BAD_REQUEST', `This is no HTTP request (${error.code ?? error.message})`));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

/** An HTTP server forgets a socket that became a WebSocket: those are waited for as well. */
async function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const listening = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.all([
    listening,
    ...[...sockets].map((socket) => socket.destroyed || new Promise((resolve) => socket.once('close', resolve))),
  ]);
}
