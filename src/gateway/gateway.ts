/** `holdfast-gateway`: listens where the server says, and passes on what people who have logged in ask for. */
import { X509Certificate } from 'node:crypto';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import {
  addressText,
  type FailedAddress,
  type FromGateway,
  GATEWAY_PATH,
  GATEWAY_PROTOCOL,
  type GatewaySettings,
  type ToGateway,
} from '../model/gateway-protocol.ts';
import type { NetworkAddress } from '../model/network-config.ts';
import { linesOf } from '../platform/lines.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { Crowd } from './crowd.ts';
import { Front } from './front.ts';
import { LogIns } from './log-ins.ts';
import { LOGIN_PATHS, LoginPages } from './login-pages.ts';
import type { OpenProvider } from './provider-port.ts';
import { Requests } from './requests.ts';
import type { Server } from './server.ts';

/** Milliseconds: for a handshake, for the head of a request, for all of it, until the next one. */
const HANDSHAKE_MS = 10_000;
const HEAD_MS = 10_000;
const REQUEST_MS = 30_000;
const IDLE_MS = 30_000;
const LOOK_MS = 2000;
/** Bytes of the head of a request. */
const LARGEST_HEAD = 16_384;
/** An address that is in use is tried again. */
const RETRY_MS = 5000;

export interface GatewayParts {
  readonly clock: Clock;
  readonly server: Server;
  /** Of its bundle. */
  readonly loadProvider: () => Promise<OpenProvider>;
}

export class Gateway {
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #crowd = new Crowd({ connections: 0, connectionsPerAddress: 0 });
  readonly #logIns: LogIns;
  readonly #pages: LoginPages;
  readonly #front: Front;
  readonly #listening = new Map<string, HttpsServer>();
  #settings: GatewaySettings | undefined;
  #retry: Timer | undefined;
  #link: Socket | undefined;
  /** One at a time. */
  #turn: Promise<void> = Promise.resolve();

  constructor({ clock, loadProvider, server }: GatewayParts) {
    this.#clock = clock;
    this.#server = server;
    this.#logIns = new LogIns(server, clock);
    this.#pages = new LoginPages({ ...{ clock, loadProvider, server }, logIns: this.#logIns });
    this.#front = new Front({ ...{ clock, server }, crowd: this.#crowd, logIns: this.#logIns, pages: this.#pages });
  }

  get connections(): number {
    return this.#crowd.size;
  }

  /** Does what the server says, until the server goes. Rejects if it is not there. */
  async serve(): Promise<void> {
    const link = await this.#server.link(GATEWAY_PATH, GATEWAY_PROTOCOL);
    this.#link = link;
    try {
      for await (const line of linesOf(link)) {
        const message = JSON.parse(line) as ToGateway;
        if (message.type === 'ping') {
          this.#tell({ type: 'pong', number: message.number });
        } else {
          this.apply(message.settings);
        }
      }
    } finally {
      await this.close();
    }
  }

  /** Takes up other settings; what has not changed goes on. */
  apply(settings: GatewaySettings): void {
    this.#turn = this.#turn.then(() => this.#apply(settings));
  }

  async close(): Promise<void> {
    this.#link?.destroy();
    this.#retry?.cancel();
    this.#front.close();
    this.#crowd.close();
    await Promise.all([...this.#listening.values()].map(closed));
  }

  async #apply(settings: GatewaySettings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    this.#crowd.limits = settings;
    this.#logIns.ways = settings.login;
    this.#pages.settings = settings;
    const host = new X509Certificate(settings.certificate);
    this.#front.requests = new Requests(
      [...settings.paths, ...LOGIN_PATHS],
      (name) =>
        host.checkHost(name) !== undefined || (settings.url !== undefined && new URL(settings.url).hostname === name),
    );
    const wanted = new Map(settings.listen.map((address) => [addressText(address), address]));
    // Whether clients are asked for certificates is settled when it begins to listen.
    const isOther = (before?.clientCa === undefined) !== (settings.clientCa === undefined);
    for (const [at, server] of this.#listening) {
      if (isOther || !wanted.has(at)) {
        this.#listening.delete(at);
        await closed(server);
      } else if (before && !isDeepStrictEqual(tlsOf(before), tlsOf(settings))) {
        server.setSecureContext(tlsOf(settings));
      }
    }
    await this.#listen(wanted);
  }

  async #listen(wanted: ReadonlyMap<string, NetworkAddress>): Promise<void> {
    this.#retry?.cancel();
    const failed: FailedAddress[] = [];
    for (const [at, address] of wanted) {
      if (!this.#listening.has(at)) {
        try {
          this.#listening.set(at, await this.#open(address));
        } catch (error) {
          failed.push({ at, reason: (error as Error).message });
        }
      }
    }
    this.#tell({ type: 'listens', at: [...this.#listening.values()].map(boundTo), failed });
    if (failed.length > 0) {
      this.#retry = this.#clock.after(RETRY_MS, () => {
        this.#turn = this.#turn.then(() => this.#listen(wanted));
      });
    }
  }

  async #open({ host, port }: NetworkAddress): Promise<HttpsServer> {
    const settings = this.#settings as GatewaySettings;
    const server = createServer(
      {
        ...tlsOf(settings),
        ...(settings.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
        handshakeTimeout: HANDSHAKE_MS,
        maxHeaderSize: LARGEST_HEAD,
        headersTimeout: HEAD_MS,
        requestTimeout: REQUEST_MS,
        keepAliveTimeout: IDLE_MS,
        connectionsCheckingInterval: LOOK_MS,
      },
      this.#front.answer,
    );
    server.on('connection', (socket: Socket) => this.#crowd.admit(socket));
    server.on('upgrade', this.#front.upgrade);
    server.on('clientError', this.#front.unreadable);
    // A handshake that failed: garbage, another version of TLS.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, ipv6Only: host.includes(':') }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', () => undefined);
    return server;
  }

  #tell(message: FromGateway): void {
    this.#link?.write(`${JSON.stringify(message)}\n`);
  }
}

function tlsOf({ certificate, clientCa, key }: GatewaySettings) {
  return {
    cert: certificate,
    key,
    minVersion: 'TLSv1.3',
    ...(clientCa === undefined ? {} : { ca: clientCa }),
  } as const;
}

function boundTo(server: HttpsServer): string {
  const { address, port } = server.address() as AddressInfo;
  return addressText({ host: address, port });
}

function closed(server: HttpsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
