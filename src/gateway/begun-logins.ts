/** Logins that were begun at the provider: each comes back once, soon, and to the browser that began it. */
import type { Clock } from '../platform/time/clock.ts';
import { hashOf, secret } from './secrets.ts';

export const BEGUN_MS = 600_000;
const MOST = 1024;
/** So that one that only begins takes nobody else's place. */
const MOST_OF_ONE_ADDRESS = 32;

export interface BegunLogin {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
  /** A path here. */
  readonly to: string;
}

interface Kept extends BegunLogin {
  readonly address: string;
  readonly browser: string;
  readonly until: number;
}

export class BegunLogins {
  readonly #clock: Clock;
  /** By `state`, oldest first. */
  readonly #begun = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#begun.size;
  }

  /** `browser`: what its cookie has. */
  begin(to: string, browser: string, address: string): BegunLogin {
    const login = { state: secret(), nonce: secret(), verifier: secret(), to };
    const until = this.#clock.monotonic() + BEGUN_MS;
    const same = [...this.#begun.values()].filter((each) => each.address === address);
    const [oldest] = same.length >= MOST_OF_ONE_ADDRESS ? same : this.#begun.size >= MOST ? this.#begun.values() : [];
    if (oldest !== undefined) {
      this.#begun.delete(oldest.state);
    }
    this.#begun.set(login.state, { ...login, address, browser: hashOf(browser), until });
    return login;
  }

  /** Undefined: it was not begun, not in this browser, too long ago, or has come back before. */
  take(state: string, browser: string | undefined): BegunLogin | undefined {
    const kept = this.#begun.get(state);
    if (kept === undefined || browser === undefined || hashOf(browser) !== kept.browser) {
      return undefined;
    }
    this.#begun.delete(state);
    return this.#clock.monotonic() < kept.until ? kept : undefined;
  }
}
