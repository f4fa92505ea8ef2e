/** The single sign-on of a site, as the gateway needs it. */
import type { GatewayOidc } from '../model/gateway-protocol.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { BegunLogin } from './begun-logins.ts';
import type { Claims } from './claims.ts';

export interface Provider {
  /** Where the browser is sent. Rejects with a ProviderError. */
  begin(login: BegunLogin): Promise<URL>;
  /** `query`: what the browser brings back. Rejects with a ProviderError. */
  finish(query: string, login: BegunLogin): Promise<Claims>;
}

/** `callback`: where the browser comes back to. */
export type OpenProvider = (settings: GatewayOidc, callback: string, clock: Clock) => Provider;

/** It is not there, or not what the configuration says; or (`!isDown`) it, or what it sent, says no. */
export class ProviderError extends Error {
  readonly isDown: boolean;
  constructor(message: string, isDown: boolean) {
    super(message);
    this.isDown = isDown;
  }
}

/** Whichever bundle it comes from: each has the class of its own. */
export function isDown(error: unknown): boolean {
  return error instanceof Error && 'isDown' in error && error.isDown === true;
}
