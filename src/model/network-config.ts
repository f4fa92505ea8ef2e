/** The door to the network, as `[network]` says it. Pure. */
import type { LOGIN_METHODS } from './network-schema.ts';

export type LoginMethod = (typeof LOGIN_METHODS)[number];

export interface NetworkAddress {
  /** An address of IPv4 or IPv6. */
  readonly host: string;
  readonly port: number;
}

export interface NetworkConfig {
  readonly listen: readonly NetworkAddress[];
  /** Absolute paths. */
  readonly certificate: string;
  readonly key: string;
  /** Its certificates are a way to log in. */
  readonly clientCa?: string;
  readonly login: readonly LoginMethod[];
  /** Of the gateway; only root can switch to it. */
  readonly user: string;
  readonly connections: number;
  readonly connectionsPerAddress: number;
}
