/** The door to the network, as `[network]` says it. Pure. */
import type { LOGIN_METHODS } from './network-schema.ts';

export type LoginMethod = (typeof LOGIN_METHODS)[number];

export type NetworkPlace = NetworkAddress | NetworkSocket;

export interface NetworkAddress {
  /** An address of IPv4 or IPv6. */
  readonly host: string;
  readonly port: number;
  /** HTTP without TLS, on loopback. */
  readonly plain?: true;
}

/** A unix socket; always HTTP without TLS. */
export interface NetworkSocket {
  /** Absolute. */
  readonly path: string;
}

/** The proxies trusted to say who is logged in. Header names are in lower case. */
export interface ProxyHeaders {
  /** Absent: it names nobody. */
  readonly userHeader?: string;
  readonly groupsHeader?: string;
  readonly addressHeader?: string;
}

export interface ProxyConfig extends ProxyHeaders {
  /** Addresses and networks. */
  readonly networks: readonly string[];
  /** Users of this system, at a unix socket. */
  readonly users: readonly string[];
}

/** A provider of OpenID Connect. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Absolute paths. */
  readonly clientSecretFile?: string;
  readonly ca?: string;
  readonly scopes: readonly string[];
  /** Names of claims, or paths in them: `realm_access.roles`. */
  readonly userClaim: string;
  readonly groupsClaim: string;
}

export interface NetworkConfig {
  readonly listen: readonly NetworkPlace[];
  /** Absolute paths. Absent: nothing listens with TLS. */
  readonly certificate?: string;
  readonly key?: string;
  /** Its certificates are a way to log in. */
  readonly clientCa?: string;
  readonly login: readonly LoginMethod[];
  /** A way to log in as well. */
  readonly proxy?: ProxyConfig;
  /** `https://control.example.org`: under which browsers know this host. */
  readonly url?: string;
  /** A way to log in as well. */
  readonly oidc?: OidcConfig;
  /** How long a login without a token holds. */
  readonly sessionMs: number;
  /** Of the gateway; only root can switch to it. */
  readonly user: string;
  readonly connections: number;
  readonly connectionsPerAddress: number;
}
