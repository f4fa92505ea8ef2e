/**
 * Whether people who have logged in still may: what the system says of their accounts, without their passwords. A directory that does not
 * answer takes nothing away.
 */
import { bytesOf } from '../model/byte-text.ts';
import type { Aside } from '../platform/aside.ts';
import type { Clock } from '../platform/time/clock.ts';
import { inTime } from '../platform/time/in-time.ts';
import type { PamAccount, PamAnswer } from './pam.ts';
import { faultInShadow } from './shadow.ts';

/** `unknown`: the system has no such account. */
export type Standing = 'good' | 'unknown' | { readonly ended: string };

export interface AccountsParts {
  readonly clock: Clock;
  readonly users: Pick<Aside, 'userByName' | 'readFile'>;
  /** Undefined: PAM is not asked here. */
  readonly pam: (account: PamAccount) => Promise<PamAnswer | undefined>;
}

const SHADOW = '/etc/shadow';
/** With the time that the gateway believes an answer, and that of a look, well below a minute. */
const VALID_FOR_MS = 20_000;
const TIMEOUT_MS = 5000;
const MOST_KNOWN = 10_000;

interface Known {
  /** Of the last answer. */
  standing?: Standing;
  until: number;
  asking: Promise<void> | undefined;
}

export class Accounts {
  readonly #parts: AccountsParts;
  /** By user and address, for which PAM may have rules. */
  readonly #known = new Map<string, Known>();

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /** By an answer that is not older than some seconds, or the last one if there is no newer in time. Undefined: none yet. */
  async of(user: string, address: string): Promise<Standing | undefined> {
    const { clock } = this.#parts;
    const key = keyOf(user, address);
    const known: Known = this.#known.get(key) ?? { until: Number.NEGATIVE_INFINITY, asking: undefined };
    if (known.asking === undefined && clock.monotonic() >= known.until) {
      this.#remember(key, known);
      known.asking = this.#ask(user, address)
        .then(
          (standing) => {
            known.standing = standing;
          },
          () => undefined,
        )
        .then(() => {
          known.until = clock.monotonic() + VALID_FOR_MS;
          known.asking = undefined;
        });
      await this.#wait(known.asking);
    } else if (known.asking !== undefined && known.standing === undefined) {
      await this.#wait(known.asking);
    }
    return known.standing;
  }

  /** Whether the system has this user; false if it does not answer. */
  async has(user: string): Promise<boolean> {
    const { clock, users } = this.#parts;
    const asked = users.userByName(user).catch(() => undefined);
    const found = await inTime(clock, TIMEOUT_MS, asked, () => new Error('late')).catch(() => undefined);
    return found !== undefined;
  }

  /** They have just logged in with a password: it is good, whatever was said before. */
  forget(user: string, address: string): void {
    this.#known.delete(keyOf(user, address));
  }

  /** Rejects if the user directory does not answer. */
  async #ask(user: string, host: string): Promise<Standing> {
    const { clock, pam, users } = this.#parts;
    const name = Buffer.from(bytesOf(user)).toString('latin1');
    const account = await users.userByName(user);
    if (account !== undefined) {
      // Only root may read it.
      const shadow = await users.readFile(SHADOW).catch(() => undefined);
      const fault = shadow && faultInShadow(shadow.toString('latin1'), name, clock.now());
      if (fault !== undefined) {
        return { ended: fault };
      }
    }
    const answer = await pam({ user: name, host });
    if (answer?.kind === 'wrong' && account !== undefined) {
      return { ended: `PAM does not let ${user} in any more: ${answer.reason}` };
    }
    return account !== undefined || answer?.kind === 'right' ? 'good' : 'unknown';
  }

  async #wait(asking: Promise<void>): Promise<void> {
    await inTime(this.#parts.clock, TIMEOUT_MS, asking, () => new Error('late')).catch(() => undefined);
  }

  #remember(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size > MOST_KNOWN) {
      this.#known.delete(this.#known.keys().next().value as string);
    }
  }
}

function keyOf(user: string, address: string): string {
  return `${user}\0${address}`;
}
