/** Logging in over the network, as the control API offers it to the gateway. Implemented in src/access. Pure. */
import type { Principal } from './principal.ts';

/** The credentials that a client presents to the gateway. */
export type Proof =
  | { readonly method: 'token'; readonly token: string }
  /** A token that is good once: it buys a session of a browser. */
  | { readonly method: 'login-link'; readonly token: string }
  | { readonly method: 'password'; readonly user: string; readonly password: string }
  /** They logged in with one before: whether their account is still good. */
  | { readonly method: 'password' | 'login-link'; readonly user: string; readonly remains: true }
  /** The provider of the configuration says so. */
  | { readonly method: 'oidc'; readonly issuer: string; readonly user: string; readonly groups: readonly string[] }
  /** A login by it that came to nothing: it is refused, and told. */
  | { readonly method: 'oidc'; readonly issuer: string; readonly fault: string }
  /** A proxy of the configuration says so. */
  | { readonly method: 'proxy'; readonly user: string; readonly groups?: readonly string[] }
  /** The TLS handshake has proved it: whose it is, and which one it is. */
  | { readonly method: 'certificate'; readonly subject: string; readonly fingerprint: string };

/** Where the client is. */
export interface LoginPlace {
  readonly address: string;
  /** Absent: at a unix socket, or behind a proxy. */
  readonly port?: number;
}

export interface Login {
  readonly principal: Principal;
  /** ISO 8601: it holds until then. */
  readonly expires: string;
}

export interface LoginPort {
  /** Rejects with HF_LOGIN_REFUSED, HF_LOGIN_WAIT. */
  login(proof: Proof, place: LoginPlace): Promise<Login>;
}
