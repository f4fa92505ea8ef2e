import type { Login, Proof } from '../model/login-port.ts';

/** Somebody who has logged in, with what was shown. */
export interface Person {
  readonly login: Login;
  readonly proof: Proof;
  /** A proxy brings the requests of many: limits count them where each is from. */
  readonly isProxied: boolean;
  /** The key of its session: a browser, by its cookie. */
  readonly session?: string;
}
