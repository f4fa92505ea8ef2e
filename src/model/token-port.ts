/** Tokens, as the control API uses them. Implemented in src/access; behind the door in src/host/guarded-tokens.ts. Pure. */
import type { NewToken, Right, TokenInfo } from './api.ts';
import type { Principal } from './principal.ts';

export type { NewToken, TokenInfo };

export interface TokenRequest {
  /** Absent: whoever asks. */
  readonly user?: string;
  /** The most that it gives; absent: all that its user may. */
  readonly may?: readonly Right[];
  /** The only consoles that it is for; absent: all, and the host itself. */
  readonly on?: readonly string[];
  /** It logs a browser in, once, and is good for nothing else. */
  readonly once?: boolean;
  readonly seconds: number;
  readonly label?: string;
}

/** The longest that a token may be valid. */
export const LONGEST_TOKEN_SECONDS = 366 * 86_400;

/** As `HostPort`. Calls reject with HF_NO_TOKEN, HF_TOKEN_NOT_SAVED, too. */
export interface TokensPort<By extends readonly unknown[] = readonly [by: Principal]> {
  /** The only time that the token itself is said. */
  create(request: TokenRequest, ...by: By): Promise<NewToken>;
  /** By user, then by age. Behind the door: one's own, and with the right to it all. */
  list(): Promise<readonly TokenInfo[]>;
  revoke(id: string, ...by: By): Promise<TokenInfo>;
}
