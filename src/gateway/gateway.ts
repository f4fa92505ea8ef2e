/** `holdfast-gateway`: listens where the server says, and passes on what people who have logged in ask for. */
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import {
  type FailedAddress,
  type FromGateway,
  GATEWAY_PATH,
  GATEWAY_PROTOCOL,
  type GatewaySettings,
  placeText,
  type ToGateway,
} from '../model/gateway-protocol.ts';
import type { NetworkPlace } from '../model/network-config.ts';
import { linesOf } from '../platform/lines.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { cookiesOf } from './cookies.ts';
import { Crowd } from './crowd.ts';
import { Front } from './front.ts';
import { LogIns } from './log-ins.ts';
import { LOGIN_PATHS, LoginPages } from './login-pages.ts';
import { isTls, type OpenPlace, openPlace, tlsOf } from './open-place.ts';
import type { OpenProvider } from './provider-port.ts';
import { Requests } from './requests.ts';
import type { Server } from './server.ts';
import { TrustedProxy } from './trusted-proxy.ts';
import { WEB_PATHS, type WebFiles } from './web-files.ts';

/** An address that is in use is tried again. */
const RETRY_MS = 5000;
/** Between two reports of addresses with too many connections. */
const FULL_MS = 600_000;

export interface GatewayParts {
  readonly clock: Clock;
  readonly server: Server;
  /** Of its bundle. */
  readonly loadProvider: () => Promise<OpenProvider>;
  /** The page. */
  readonly web: WebFiles;
}

export class Gateway {
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #crowd = new Crowd({ connections: 0, connectionsPerAddress: 0 }, (peer) => this.#full(peer));
  readonly #logIns: LogIns;
  readonly #pages: LoginPages;
  readonly #front: Front;
  readonly #listening = new Map<string, OpenPlace>();
  #settings: GatewaySettings | undefined;
  #retry: Timer | undefined;
  /** When it was told last that an address has too many connections. */
  #fullAt = Number.NEGATIVE_INFINITY;
  #link: Socket | undefined;
  /** One at a time. */
  #turn: Promise<void> = Promise.resolve();

  constructor({ clock, loadProvider, server, web }: GatewayParts) {
    this.#clock = clock;
    this.#server = server;
    this.#logIns = new LogIns(server, clock, {
      opened: (session) => this.#tell({ type: 'opened', session }),
      ended: (key) => this.#tell({ type: 'ended', key }),
    });
    this.#pages = new LoginPages({ ...{ clock, loadProvider, server }, logIns: this.#logIns });
    this.#front = new Front({
      ...{ clock, server, web },
      crowd: this.#crowd,
      logIns: this.#logIns,
      pages: this.#pages,
    });
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
        } else if (message.type === 'session') {
          this.#logIns.sessions.restore(message.session);
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
    await Promise.all([...this.#listening.values()].map((open) => open.close()));
  }

  async #apply(settings: GatewaySettings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    this.#crowd.limits = settings;
    this.#logIns.ways = settings.login;
    this.#logIns.cookies = cookiesOf(settings.server);
    this.#pages.settings = settings;
    const { certificate, proxy, url } = settings;
    const host = certificate === undefined ? undefined : new X509Certificate(certificate);
    const isName = (name: string) => host?.checkHost(name) !== undefined;
    const paths = [...settings.paths, ...LOGIN_PATHS, ...WEB_PATHS];
    this.#front.requests = new Requests(paths, { isName, ...(url === undefined ? {} : { url }) });
    if (before && !isDeepStrictEqual(before.proxy, proxy)) {
      this.#front.end('proxy');
    }
    this.#logIns.proxy = new TrustedProxy(proxy);
    const wanted = new Map(settings.listen.map((place) => [placeText(place), place]));
    // Whether clients are asked for certificates is settled when it begins to listen.
    const isOther = (before?.clientCa === undefined) !== (settings.clientCa === undefined);
    for (const [at, open] of this.#listening) {
      const place = wanted.get(at);
      if (place === undefined || (isOther && isTls(place))) {
        this.#listening.delete(at);
        await open.close();
      } else if (before && !isDeepStrictEqual(tlsOf(before), tlsOf(settings))) {
        open.follow(settings);
      }
    }
    await this.#listen(wanted);
  }

  async #listen(wanted: ReadonlyMap<string, NetworkPlace>): Promise<void> {
    this.#retry?.cancel();
    const failed: FailedAddress[] = [];
    for (const [at, place] of wanted) {
      if (!this.#listening.has(at)) {
        try {
          this.#listening.set(at, await this.#open(place));
        } catch (error) {
          failed.push({ at, reason: (error as Error).message });
        }
      }
    }
    this.#tell({ type: 'listens', at: [...this.#listening.values()].map((open) => open.at), failed });
    if (failed.length > 0) {
      this.#retry = this.#clock.after(RETRY_MS, () => {
        this.#turn = this.#turn.then(() => this.#listen(wanted));
      });
    }
  }

  #open(place: NetworkPlace): Promise<OpenPlace> {
    const admit = (socket: Socket) => this.#crowd.admit(socket, this.#logIns.proxy.isAt(socket));
    return openPlace(place, { settings: this.#settings as GatewaySettings, front: this.#front, admit });
  }

  /** A refused peer gets no message: this is before TLS. */
  #full(from: string): void {
    const now = this.#clock.monotonic();
    if (now - this.#fullAt >= FULL_MS) {
      this.#fullAt = now;
      this.#tell({ type: 'full', from });
    }
  }

  #tell(message: FromGateway): void {
    this.#link?.write(`${JSON.stringify(message)}\n`);
  }
}
