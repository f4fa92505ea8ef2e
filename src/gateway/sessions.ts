/**
 * Logins of browsers: what the cookie has is kept as its SHA-256 only, and only in memory. One that nobody has used for an hour, or whose
 * login has expired, is over.
 */
import type { Clock } from '../platform/time/clock.ts';
import type { Person } from './person.ts';
import { hashOf, secret } from './secrets.ts';

const IDLE_MS = 3_600_000;
const MOST = 4096;
const MOST_OF_ONE_USER = 32;

interface Session {
  readonly person: Person;
  /** Of the monotonic clock. */
  usedAt: number;
}

export class Sessions {
  readonly #clock: Clock;
  /** By the hash; the one that was used last is last. */
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Returns what the cookie has. */
  open({ login, proof }: Pick<Person, 'login' | 'proof'>): string {
    const shown = secret();
    const key = hashOf(shown);
    const { user } = login.principal;
    this.#sessions.set(key, {
      person: { login, proof, isProxied: false, session: key },
      usedAt: this.#clock.monotonic(),
    });
    const same = [...this.#sessions].filter(([, { person }]) => person.login.principal.user === user);
    for (const [each] of same.slice(0, -MOST_OF_ONE_USER)) {
      this.#sessions.delete(each);
    }
    if (this.#sessions.size > MOST) {
      this.#sessions.delete(this.#sessions.keys().next().value as string);
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
    const now = this.#clock.monotonic();
    this.#sessions.delete(key);
    if (now - session.usedAt > IDLE_MS || Date.parse(session.person.login.expires) <= this.#clock.now()) {
      return false;
    }
    session.usedAt = now;
    this.#sessions.set(key, session);
    return true;
  }

  end(key: string): void {
    this.#sessions.delete(key);
  }
}
