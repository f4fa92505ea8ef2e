/**
 * Logins of browsers: what the cookie has is kept as its SHA-256 only, by the gateway, and by the server for the next one. One that nobody has
 * used for an hour, or whose login has expired, is over.
 */
import { type KeptSession, MOST_SESSIONS } from '../model/gateway-protocol.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { Person } from './person.ts';
import { hashOf, secret } from './secrets.ts';

const IDLE_MS = 3_600_000;
const MOST_OF_ONE_USER = 32;

interface Session {
  readonly person: Person;
  /** Of the monotonic clock. */
  usedAt: number;
}

/** Their store. */
export interface SessionsKeeper {
  readonly opened: (session: KeptSession) => void;
  readonly ended: (key: string) => void;
}

export class Sessions {
  readonly #clock: Clock;
  readonly #keeper: SessionsKeeper;
  /** By the hash; the one that was used last is last. */
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock, keeper: SessionsKeeper) {
    this.#clock = clock;
    this.#keeper = keeper;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** One of the last gateway: it is used now. */
  restore({ key, login, proof }: KeptSession): void {
    const person: Person = { login, proof, isProxied: false, session: key };
    this.#sessions.set(key, { person, usedAt: this.#clock.monotonic() });
  }

  /** Returns what the cookie has. */
  open({ login, proof }: Pick<Person, 'login' | 'proof'>): string {
    const shown = secret();
    const session: KeptSession = { key: hashOf(shown), login, proof };
    this.restore(session);
    this.#keeper.opened(session);
    const { user } = login.principal;
    const same = [...this.#sessions].filter(([, { person }]) => person.login.principal.user === user);
    for (const [each] of same.slice(0, -MOST_OF_ONE_USER)) {
      this.end(each);
    }
    if (this.#sessions.size > MOST_SESSIONS) {
      this.end(this.#sessions.keys().next().value as string);
    }
    return shown;
  }

  find(shown: string): Person | undefined {
    const key = hashOf(shown);
    return this.use(key) ? this.#sessions.get(key)?.person : undefined;
  }

  /** Whether it lives; it is used now. `key`: of a person. */
  use(key: string): boolean {
    const session = this.#sessions.get(key);
    if (session === undefined) {
      return false;
    }
    if (this.#isOver(session)) {
      this.end(key);
      return false;
    }
    this.#sessions.delete(key);
    session.usedAt = this.#clock.monotonic();
    this.#sessions.set(key, session);
    return true;
  }

  end(key: string): void {
    if (this.#sessions.delete(key)) {
      this.#keeper.ended(key);
    }
  }

  /** Those that are over end, also if nobody asks for them any more. */
  sweep(): void {
    for (const [key, session] of this.#sessions) {
      if (this.#isOver(session)) {
        this.end(key);
      }
    }
  }

  #isOver({ person, usedAt }: Session): boolean {
    return this.#clock.monotonic() - usedAt > IDLE_MS || Date.parse(person.login.expires) <= this.#clock.now();
  }
}
