/**
 * Logins over the network: what a client shows is checked here, in the server, for the gateway may neither ask PAM nor read tokens.
 * Nothing that a client shows is in a message.
 */

import { bytesOf } from '../model/byte-text.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Happening } from '../model/events.ts';
import type { Login, LoginPlace, LoginPort, Proof } from '../model/login-port.ts';
import { type Principal, UNKNOWN } from '../model/principal.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { Accounts } from './accounts.ts';
import { LoginLimits } from './login-limits.ts';
import type { SystemPasswordCheck } from './system-password.ts';
import type { GoodToken, TokenFault } from './tokens.ts';

export interface LoginsParts {
  readonly clock: Clock;
  readonly tokens: {
    check(token: string): Promise<GoodToken | TokenFault>;
    take(token: string, from: string): Promise<GoodToken | TokenFault>;
  };
  readonly accounts: Pick<Accounts, 'of' | 'forget'>;
  /** Asks PAM, as the service `holdfast`. Byte strings. */
  readonly password: SystemPasswordCheck;
  readonly event: (event: Happening) => void;
  /** Whether `[network]` names this way to log in. */
  readonly allows: (method: Proof['method']) => boolean;
  /** The provider of `[network.oidc]`. */
  readonly issuer: () => string | undefined;
  /** How long a login without a token holds. */
  readonly sessionMs: () => number;
}

/** A name that PAM could take for something else is not asked about. */
const USER = /^[^\s\p{Cc}:/]{1,64}$/u;
/** Characters of a name that is told. */
const LONGEST_NAME = 64;
/** The count of failed logins without a known user: an invalid token, a method that is not offered. */
const NO_USER = '';

export class Logins implements LoginPort {
  readonly #parts: LoginsParts;
  readonly #passwords: LoginLimits;
  /** Only for what is told: a token cannot be guessed, and a good one is never delayed. */
  readonly #nameless: LoginLimits;

  constructor(parts: LoginsParts) {
    this.#parts = parts;
    this.#passwords = new LoginLimits(parts.clock);
    this.#nameless = new LoginLimits(parts.clock);
  }

  async login(proof: Proof, place: LoginPlace): Promise<Login> {
    if (!this.#parts.allows(proof.method)) {
      throw this.#unnamed(proof.method, place, `[network] does not have this way to log in (${proof.method})`);
    }
    switch (proof.method) {
      case 'token':
        return this.#byToken(proof.token, place);
      case 'login-link':
        return 'remains' in proof ? this.#byEarlier(proof.method, proof.user, place) : this.#byLink(proof.token, place);
      case 'password':
        return 'remains' in proof
          ? this.#byEarlier(proof.method, proof.user, place)
          : this.#byPassword(proof.user, proof.password, place);
      case 'certificate':
        return this.#byCertificate(proof.subject, place);
      case 'oidc':
        return this.#byProvider(proof, place);
      case 'proxy':
        return this.#byProxy(proof.user, proof.groups, place);
    }
  }

  async #byToken(token: string, place: LoginPlace): Promise<Login> {
    const found = await this.#parts.tokens.check(token);
    if (typeof found === 'string') {
      const reason = found === 'expired' ? 'the token has expired' : 'there is no such token, or it was revoked';
      throw this.#unnamed('token', place, reason);
    }
    await this.#mustBeGood(found, 'token', place);
    return { principal: bearer(found, place), expires: found.until };
  }

  /** The token is over with that; the session is one like others. */
  async #byLink(token: string, place: LoginPlace): Promise<Login> {
    const found = await this.#parts.tokens.take(token, place.address);
    if (typeof found === 'string') {
      throw this.#unnamed('login-link', place, 'this link was used before, or has expired');
    }
    await this.#mustBeGood(found, 'login-link', place);
    return this.#session(bearer(found, place));
  }

  async #mustBeGood({ isAccount, user }: GoodToken, method: 'token' | 'login-link', place: LoginPlace): Promise<void> {
    const ended = await this.#ended(user, place, isAccount);
    if (ended !== undefined) {
      throw this.#unnamed(method, place, ended, user);
    }
  }

  async #byPassword(user: string, password: string, place: LoginPlace): Promise<Login> {
    this.#mustNotWait(this.#passwords, place, user);
    this.#passwords.begin(place.address, user);
    // Some modules take an empty password for an anonymous login that succeeds.
    const isRight =
      USER.test(user) &&
      password !== '' &&
      (await this.#parts.password(byteString(user), byteString(password), place.address));
    if (!isRight) {
      throw this.#refused('password', user, place, 'user or password is wrong');
    }
    this.#passwords.succeeded(place.address, user);
    this.#parts.accounts.forget(user, place.address);
    return this.#session(principal(user, 'password', place));
  }

  /** The gateway takes it for the end of a session. */
  async #byEarlier(method: 'password' | 'login-link', user: string, place: LoginPlace): Promise<Login> {
    // A token may be of somebody whom the system does not know.
    const ended = await this.#ended(user, place, method === 'password');
    if (ended !== undefined) {
      throw this.#refused(method, user, place, ended);
    }
    return this.#session(principal(user, method === 'login-link' ? 'token' : method, place));
  }

  /** What the system says against it. `isAccount`: it had one, otherwise the user need not be one of the system. */
  async #ended(user: string, { address }: LoginPlace, isAccount: boolean): Promise<string | undefined> {
    const standing = await this.#parts.accounts.of(user, address);
    if (standing === 'unknown') {
      return isAccount ? `there is no user ${user} any more` : undefined;
    }
    return typeof standing === 'object' ? standing.ended : undefined;
  }

  async #byCertificate(subject: string, place: LoginPlace): Promise<Login> {
    if (!USER.test(subject)) {
      throw this.#refused('certificate', subject, place, 'its subject is not the name of a user');
    }
    const ended = await this.#ended(subject, place, false);
    if (ended !== undefined) {
      throw this.#unnamed('certificate', place, ended, subject);
    }
    return this.#session(principal(subject, 'certificate', place));
  }

  async #byProvider(proof: Extract<Proof, { method: 'oidc' }>, place: LoginPlace): Promise<Login> {
    if (proof.issuer !== this.#parts.issuer()) {
      throw this.#unnamed('oidc', place, 'that is not the provider of [network.oidc]');
    }
    if ('fault' in proof) {
      throw this.#unnamed('oidc', place, proof.fault);
    }
    if (!USER.test(proof.user)) {
      throw this.#refused('oidc', proof.user, place, 'what the provider says is not the name of a user');
    }
    return this.#session({ ...principal(proof.user, 'vouched', place), groups: [...proof.groups] });
  }

  async #byProxy(user: string, groups: readonly string[] | undefined, place: LoginPlace): Promise<Login> {
    if (!USER.test(user)) {
      throw this.#refused('proxy', user, place, 'what the proxy says is not the name of a user');
    }
    return this.#session({ ...principal(user, 'vouched', place), ...(groups && { groups: [...groups] }) });
  }

  #session(who: Principal): Login {
    return { principal: who, expires: new Date(this.#parts.clock.now() + this.#parts.sessionMs()).toISOString() };
  }

  #mustNotWait(limits: LoginLimits, { address }: LoginPlace, user: string): void {
    const wait = limits.wait(address, user);
    if (wait > 0) {
      const seconds = Math.ceil(wait / 1000);
      throw new HoldfastError(
        'HF_LOGIN_WAIT',
        `too many logins from ${address} were refused: try again in ${seconds} s`,
      );
    }
  }

  /** A script that goes on with what is refused is told to wait, and fills no history. */
  #unnamed(method: Proof['method'], place: LoginPlace, reason: string, user = UNKNOWN): HoldfastError {
    this.#mustNotWait(this.#nameless, place, NO_USER);
    this.#nameless.begin(place.address, NO_USER);
    return this.#refused(method, user, place, reason);
  }

  #refused(method: Proof['method'], user: string, place: LoginPlace, reason: string): HoldfastError {
    const by = principal(user.slice(0, LONGEST_NAME), 'claimed', place);
    this.#parts.event({ type: 'login', what: 'refused', method, reason, by });
    return new HoldfastError('HF_LOGIN_REFUSED', reason);
  }
}

/** The bearer of this token. */
function bearer({ may, on, user }: GoodToken, place: LoginPlace): Principal {
  return { ...principal(user, 'token', place), ...(may && { bound: may }), ...(on && { boundOn: on }) };
}

function principal(user: string, assurance: Principal['assurance'], { address, port }: LoginPlace): Principal {
  return { user, channel: 'network', from: address, ...(port === undefined ? {} : { port }), assurance };
}

function byteString(text: string): string {
  return Buffer.from(bytesOf(text)).toString('latin1');
}
