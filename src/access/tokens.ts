/**
 * Tokens: long random texts, each of which is good in place of a password for one user, until a time, and for some rights. Only their
 * digests are kept. Group membership is looked up when a token is used.
 */
import { createHash, randomBytes } from 'node:crypto';
import { HoldfastError } from '../model/errors.ts';
import type { Happening } from '../model/events.ts';
import { nameOf, type Principal } from '../model/principal.ts';
import type { NewToken, TokenInfo, TokenRequest, TokensPort } from '../model/token-port.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { Accounts } from './accounts.ts';
import type { TokenFile, TokenRecord } from './token-file.ts';

export interface TokensParts {
  readonly file: Pick<TokenFile, 'read' | 'write'>;
  readonly clock: Clock;
  readonly event: (event: Happening) => void;
  readonly accounts: Pick<Accounts, 'has'>;
}

/** `isAccount`: its user was one of the system when it was made. */
export type GoodToken = TokenInfo & { readonly isAccount: boolean };

/** Why a token is not good; `unknown`: there has never been one like it, or it was revoked. */
export type TokenFault = 'unknown' | 'expired';

const PREFIX = 'hft_';
const SECRET_BYTES = 32;
const ID_BYTES = 4;
const FORM = /^hft_[A-Za-z0-9_-]{43}$/;
/** So many tokens one user may have, and all together. */
const MOST_OF_USER = 200;
const MOST = 10_000;
/** So long after its end a token is still called expired. */
const KEEP_EXPIRED_MS = 7 * 86_400_000;
/** Characters of an ISO 8601 time that are its date. */
const DATE_LENGTH = 10;

export class Tokens implements TokensPort {
  readonly #parts: TokensParts;
  /** By their digests. */
  readonly #records = new Map<string, TokenRecord>();
  #read: Promise<void> | undefined;
  /** It has been told that they cannot be written. */
  #failed = false;

  constructor(parts: TokensParts) {
    this.#parts = parts;
  }

  async create({ user: of, may, on, once, seconds, label }: TokenRequest, by: Principal): Promise<NewToken> {
    await this.#known();
    const { clock, event } = this.#parts;
    const user = of ?? by.user;
    const account = (await this.#parts.accounts.has(user)) ? ({ account: true } as const) : {};
    this.#sweep();
    this.#mustHaveRoom(user);
    const now = clock.now();
    const token = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const info: TokenInfo = {
      ...{ id: this.#newId(), user, ...(may && { may: [...may] }), ...(on && { on: [...on] }), ...(once && { once }) },
      until: new Date(now + seconds * 1000).toISOString(),
      ...(label === undefined ? {} : { label }),
      ...{ createdBy: nameOf(by), createdAt: new Date(now).toISOString() },
    };
    const digest = digestOf(token);
    this.#records.set(digest, { ...info, ...account, digest });
    try {
      await this.#save();
    } catch (error) {
      this.#records.delete(digest);
      throw notSaved('no token was made', error);
    }
    event({ type: 'token', what: 'made', token: info.id, user, until: info.until, by });
    return { ...info, token };
  }

  async list(): Promise<readonly TokenInfo[]> {
    await this.#known();
    this.#sweep();
    return [...this.#records.values()]
      .map(infoOf)
      .sort((a, b) => a.user.localeCompare(b.user, 'en') || a.createdAt.localeCompare(b.createdAt, 'en'));
  }

  /** It is over at once, whatever the disk says. */
  async revoke(id: string, by: Principal): Promise<TokenInfo> {
    await this.#known();
    const record = [...this.#records.values()].find((each) => each.id === id);
    if (record === undefined) {
      throw noToken(id);
    }
    this.#records.delete(record.digest);
    this.#parts.event({ type: 'token', what: 'revoked', token: id, user: record.user, by });
    await this.#save().catch((error) => {
      throw notSaved(`${id} is revoked now, but would be valid again after a restart of the server`, error);
    });
    return infoOf(record);
  }

  /** The user of this token. Rejects if the tokens cannot be read. */
  async check(token: string): Promise<GoodToken | TokenFault> {
    if (!FORM.test(token)) {
      return 'unknown';
    }
    await this.#known();
    // How long it takes to find a digest says nothing about tokens: nobody can choose the one of a token.
    const record = this.#records.get(digestOf(token));
    if (record === undefined || record.once) {
      return 'unknown';
    }
    const now = this.#parts.clock.now();
    if (Date.parse(record.until) <= now) {
      return 'expired';
    }
    this.#used(record, new Date(now).toISOString().slice(0, DATE_LENGTH));
    return { ...infoOf(record), isAccount: record.account === true };
  }

  /** The user of this single-use token, which is spent by this call. Rejects if the tokens cannot be read or written. `from`: the peer. */
  async take(token: string, from: string): Promise<GoodToken | TokenFault> {
    await this.#known();
    const record = FORM.test(token) ? this.#records.get(digestOf(token)) : undefined;
    if (!record?.once) {
      return 'unknown';
    }
    this.#records.delete(record.digest);
    await this.#save();
    if (Date.parse(record.until) <= this.#parts.clock.now()) {
      return 'expired';
    }
    this.#parts.event({
      type: 'token',
      text: `token ${record.id} of ${record.user} was used from ${from}, and is over`,
    });
    return { ...infoOf(record), isAccount: record.account === true };
  }

  /** Read with the first use: most servers have none. */
  #known(): Promise<void> {
    this.#read ??= this.#parts.file.read().then((records) => {
      for (const record of records) {
        this.#records.set(record.digest, record);
      }
    });
    return this.#read.catch((error: Error) => {
      this.#read = undefined;
      this.#tell(`no token is valid: ${error.message}`);
      throw new HoldfastError('HF_BUSY', `the tokens cannot be read: ${error.message}`);
    });
  }

  /** Once a day, so that one sees which of them nobody needs any more. Nobody waits for it. */
  #used(record: TokenRecord, day: string): void {
    if (record.lastUsed !== day) {
      this.#records.set(record.digest, { ...record, lastUsed: day });
      this.#save().catch(() => undefined);
    }
  }

  #sweep(): void {
    const over = this.#parts.clock.now() - KEEP_EXPIRED_MS;
    for (const { digest, until } of this.#records.values()) {
      if (Date.parse(until) <= over) {
        this.#records.delete(digest);
      }
    }
  }

  #mustHaveRoom(user: string): void {
    const now = this.#parts.clock.now();
    const living = [...this.#records.values()].filter(({ until }) => Date.parse(until) > now);
    if (living.length >= MOST || living.filter((each) => each.user === user).length >= MOST_OF_USER) {
      const whose = living.length >= MOST ? `this server has ${MOST} tokens` : `${user} has ${MOST_OF_USER} tokens`;
      throw new HoldfastError('HF_BUSY', `${whose}, which is the most: revoke some that nobody needs`);
    }
  }

  #newId(): string {
    const taken = new Set([...this.#records.values()].map(({ id }) => id));
    for (;;) {
      const id = randomBytes(ID_BYTES).toString('hex');
      if (!taken.has(id)) {
        return id;
      }
    }
  }

  async #save(): Promise<void> {
    try {
      await this.#parts.file.write(() => [...this.#records.values()]);
    } catch (error) {
      this.#tell(`the tokens cannot be saved: ${(error as Error).message}`);
      throw error;
    }
    if (this.#failed) {
      this.#failed = false;
      this.#parts.event({ type: 'token', text: 'the tokens are saved again' });
    }
  }

  #tell(text: string): void {
    if (!this.#failed) {
      this.#failed = true;
      this.#parts.event({ type: 'token', text });
    }
  }
}

export function noToken(id: string): HoldfastError {
  return new HoldfastError('HF_NO_TOKEN', `there is no token ${id}`);
}

function infoOf({ account: _, digest: __, ...info }: TokenRecord): TokenInfo {
  return info;
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function notSaved(what: string, error: unknown): HoldfastError {
  return new HoldfastError('HF_TOKEN_NOT_SAVED', `${what}: ${(error as Error).message}`);
}
