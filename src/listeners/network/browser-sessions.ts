/**
 * Logins of browsers, kept for the next gateway: a page that is open while the server is started again goes on. Of what a cookie has there is
 * the hash only.
 */
import { type KeptSession, MOST_SESSIONS } from '../../model/gateway-protocol.ts';
import { RecordFile } from '../../platform/files/record-file.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { SessionsPort } from './gateway-link.ts';

export interface BrowserSessionsParts {
  readonly clock: Clock;
  readonly path: string;
  readonly note: (text: string) => void;
}

/** Characters of one, with all its groups. */
const LARGEST = 16_384;

export class BrowserSessions implements SessionsPort {
  readonly #clock: Clock;
  readonly #note: (text: string) => void;
  readonly #file: RecordFile<KeptSession>;
  readonly #sessions = new Map<string, KeptSession>();
  #read: Promise<void> | undefined;
  /** It has been told that they cannot be written. */
  #failed = false;

  constructor({ clock, note, path }: BrowserSessionsParts) {
    this.#clock = clock;
    this.#note = note;
    this.#file = new RecordFile(path, clock, { name: 'sessions', isRecord: isSession });
  }

  /** To be awaited before the first gateway. Unreadable sessions are reported; their users log in again. */
  load(): Promise<void> {
    this.#read ??= this.#file.read().then(
      (sessions) => {
        for (const session of sessions) {
          this.#sessions.set(session.key, session);
        }
        this.#sweep();
      },
      (error: Error) => this.#note(`browsers have to log in anew: ${error.message}`),
    );
    return this.#read;
  }

  all(): readonly KeptSession[] {
    this.#sweep();
    return [...this.#sessions.values()];
  }

  /** Malformed sessions are dropped: the gateway may have been compromised. */
  opened(session: KeptSession): void {
    if (isSession(session) && JSON.stringify(session).length <= LARGEST) {
      this.#sweep();
      this.#sessions.set(session.key, session);
      for (const key of [...this.#sessions.keys()].slice(0, -MOST_SESSIONS)) {
        this.#sessions.delete(key);
      }
      this.#save();
    }
  }

  ended(key: string): void {
    if (this.#sessions.delete(key)) {
      this.#save();
    }
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const [key, { login }] of this.#sessions) {
      if (Date.parse(login.expires) <= now) {
        this.#sessions.delete(key);
      }
    }
  }

  #save(): void {
    this.#file
      .write(() => [...this.#sessions.values()])
      .then(
        () => {
          this.#failed = false;
        },
        (error: Error) => {
          if (!this.#failed) {
            this.#failed = true;
            this.#note(`logins of browsers end with this server: ${error.message}`);
          }
        },
      );
  }
}

function isSession(value: unknown): value is KeptSession {
  const { key, login, proof } = (value ?? {}) as Partial<KeptSession>;
  return (
    typeof key === 'string' &&
    /^[\w+/=-]{43,44}$/.test(key) &&
    typeof login?.expires === 'string' &&
    !Number.isNaN(Date.parse(login.expires)) &&
    typeof login.principal?.user === 'string' &&
    login.principal.channel === 'network' &&
    typeof proof?.method === 'string'
  );
}
