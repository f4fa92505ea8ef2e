/**
 * Between the server and `holdfast-gateway`, over the server's socket for it. The gateway opens one connection that it upgrades to
 * `GATEWAY_PROTOCOL`: a JSON document a line, both ways. Everything else is a request of the control API for somebody who has logged in, named in
 * `VOUCHED_HEADER` (a `Principal` as JSON in base64url). Pure.
 */
import type { Login, Proof } from './login-port.ts';
import type { LoginMethod, NetworkPlace, OidcConfig, ProxyHeaders } from './network-config.ts';

/** Below `runtime_dir`. */
export const GATEWAY_SOCKET = 'gateway';
export const GATEWAY_PATH = '/v1/gateway';
/** Server and gateway of one installation: another number is not understood. */
export const GATEWAY_PROTOCOL = 'holdfast-gateway-1';
export const VOUCHED_HEADER = 'holdfast-principal';
export const LOGIN_PATH = '/v1/login';

/** A request of the API; `:name` in the path is any word. */
export interface ApiPath {
  readonly method: string;
  readonly path: string;
  /** It becomes a WebSocket. */
  readonly upgrades?: true;
}

/** All that the gateway is told. */
export interface GatewaySettings {
  /** Distinguishes its server from others that browsers reach by the same host name. */
  readonly server: string;
  readonly listen: readonly NetworkPlace[];
  /** PEM. Absent: nothing listens with TLS. */
  readonly certificate?: string;
  readonly key?: string;
  readonly clientCa?: string;
  readonly login: readonly LoginMethod[];
  readonly proxy?: GatewayProxy;
  /** `https://control.example.org`. */
  readonly url?: string;
  readonly oidc?: GatewayOidc;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly paths: readonly ApiPath[];
}

/** `ca`: PEM. */
export interface GatewayOidc extends Omit<OidcConfig, 'clientSecretFile'> {
  readonly clientSecret?: string;
}

/** The proxies whose headers are trusted. */
export interface GatewayProxy extends ProxyHeaders {
  readonly networks: readonly string[];
  /** At a unix socket. */
  readonly uids: readonly number[];
}

/** A login of a browser, as the server keeps it for the next gateway. Nothing of it is secret. */
export interface KeptSession {
  /** SHA-256 of what the cookie has. */
  readonly key: string;
  readonly login: Login;
  /** Without a password or a token. */
  readonly proof: Proof;
}

/** Of all users. */
export const MOST_SESSIONS = 4096;

export type ToGateway =
  /** The first messages: those that the last gateway had. */
  | { readonly type: 'session'; readonly session: KeptSession }
  | { readonly type: 'settings'; readonly settings: GatewaySettings }
  /** Wants a `pong` of the same number. */
  | { readonly type: 'ping'; readonly number: number };

export type FromGateway =
  | { readonly type: 'pong'; readonly number: number }
  | { readonly type: 'opened'; readonly session: KeptSession }
  | { readonly type: 'ended'; readonly key: string }
  /** A connection was refused: this address has as many as it may have. Told now and then. */
  | { readonly type: 'full'; readonly from: string }
  /** `failed`: addresses at which it cannot listen; they are tried again. */
  | { readonly type: 'listens'; readonly at: readonly string[]; readonly failed: readonly FailedAddress[] };

export interface FailedAddress {
  readonly at: string;
  readonly reason: string;
}

/** `10.0.1.7:7633`, `[2001:db8::7]:7633`, `http://127.0.0.1:7634`, `unix:/run/holdfast-gateway/http`. */
export function placeText(place: NetworkPlace): string {
  if ('path' in place) {
    return `unix:${place.path}`;
  }
  const { host, plain, port } = place;
  return `${plain ? 'http://' : ''}${host.includes(':') ? `[${host}]` : host}:${port}`;
}
