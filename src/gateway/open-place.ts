/** One place where the gateway listens: with TLS, without on loopback, or at a unix socket. */
import { createServer as createHttp, type Server as HttpServer, type ServerOptions } from 'node:http';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type GatewaySettings, placeText } from '../model/gateway-protocol.ts';
import type { NetworkPlace } from '../model/network-config.ts';
import { type Listening, listenOn } from '../platform/net/listen.ts';
import type { Front } from './front.ts';

/** Milliseconds: for a handshake, for the head of a request, for all of it, until the next one. */
const HANDSHAKE_MS = 10_000;
const HEAD_MS = 10_000;
const REQUEST_MS = 30_000;
const IDLE_MS = 30_000;
const LOOK_MS = 2000;
/** Bytes of the head of a request. */
const LARGEST_HEAD = 16_384;
/** Everybody may connect, and has to log in. */
const SOCKET_MODE = 0o666;

export interface OpenPlace {
  /** With the port that the kernel chose. */
  readonly at: string;
  /** Other certificates; of a place without TLS nothing. */
  follow(settings: GatewaySettings): void;
  close(): Promise<void>;
}

export interface PlaceParts {
  readonly settings: GatewaySettings;
  readonly front: Pick<Front, 'answer' | 'upgrade' | 'unreadable'>;
  readonly admit: (socket: Socket) => void;
}

/** Whether TLS is spoken there. */
export function isTls(place: NetworkPlace): boolean {
  return !('path' in place || place.plain);
}

/** Rejects with what is wrong with the place. */
export async function openPlace(place: NetworkPlace, { admit, front, settings }: PlaceParts): Promise<OpenPlace> {
  const options: ServerOptions = {
    ...{ maxHeaderSize: LARGEST_HEAD, headersTimeout: HEAD_MS, requestTimeout: REQUEST_MS },
    ...{ keepAliveTimeout: IDLE_MS, connectionsCheckingInterval: LOOK_MS },
  };
  const tls = isTls(place) ? tlsServer(options, settings) : undefined;
  const server = tls ?? createHttp(options);
  server.on('request', front.answer);
  server.on('connection', admit);
  server.on('upgrade', front.upgrade);
  server.on('clientError', front.unreadable);
  const socket = await listening(server, place);
  server.on('error', () => undefined);
  return {
    at: 'path' in place ? placeText(place) : placeText({ ...place, ...addressOf(server) }),
    follow: (next) => tls?.setSecureContext(tlsOf(next)),
    close: async () => {
      socket?.unlink();
      await closed(server);
    },
  };
}

/** The settings that a listener with TLS is made from. */
export function tlsOf({ certificate, clientCa, key }: GatewaySettings) {
  return {
    cert: certificate,
    key,
    minVersion: 'TLSv1.3',
    ...(clientCa === undefined ? {} : { ca: clientCa }),
  } as const;
}

function tlsServer(options: ServerOptions, settings: GatewaySettings): HttpsServer {
  const server = createHttps({
    ...options,
    ...tlsOf(settings),
    ...(settings.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
    handshakeTimeout: HANDSHAKE_MS,
  });
  // A handshake that failed: garbage, another version of TLS.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

async function listening(server: HttpServer, place: NetworkPlace): Promise<Listening | undefined> {
  const socket = 'path' in place ? listenOn({ kind: 'unix', path: place.path, mode: SOCKET_MODE }) : undefined;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      'path' in place
        ? { fd: (socket as Listening).fd }
        : { host: place.host, port: place.port, ipv6Only: place.host.includes(':') },
      () => {
        server.off('error', reject);
        resolve();
      },
    );
  });
  return socket;
}

function addressOf(server: HttpServer): { readonly host: string; readonly port: number } {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
}

function closed(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
