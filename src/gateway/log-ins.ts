/**
 * Who a request is from: what it shows is checked by the server. A token that was good is believed for a while, so that not every request asks;
 * one that is on an open connection is asked about again as often, so that it ends soon after it was revoked.
 */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { HoldfastError } from '../model/errors.ts';
import type { Login, LoginPlace, LoginPort, Proof } from '../model/login-port.ts';
import type { LoginMethod } from '../model/network-config.ts';
import type { Principal } from '../model/principal.ts';
import type { Clock } from '../platform/time/clock.ts';
import { cookieIn, cookiesOf } from './cookies.ts';
import { addressOf } from './peer-address.ts';
import type { Person } from './person.ts';
import { hashOf } from './secrets.ts';
import { Sessions, type SessionsKeeper } from './sessions.ts';
import { TrustedProxy } from './trusted-proxy.ts';

/** How long an answer is believed. */
export const BELIEVED_MS = 10_000;
const MOST_KNOWN = 4096;
/** Characters of what a client shows. */
const LONGEST_CREDENTIAL = 4096;

interface Believed {
  readonly login: Promise<Login>;
  readonly until: number;
}

export class LogIns {
  readonly #server: LoginPort;
  readonly #clock: Clock;
  /** By a digest of what was shown. */
  readonly #believed = new Map<string, Believed>();
  readonly sessions: Sessions;
  ways: readonly LoginMethod[] = [];
  cookies = cookiesOf('');
  proxy = new TrustedProxy(undefined);

  constructor(server: LoginPort, clock: Clock, keeper: SessionsKeeper) {
    this.#server = server;
    this.#clock = clock;
    this.sessions = new Sessions(clock, keeper);
  }

  /** Rejects with HF_LOGIN_REFUSED, HF_LOGIN_WAIT, HF_BUSY, HF_NO_SERVER. */
  async of(request: IncomingMessage): Promise<Person> {
    const isProxied = this.proxy.isAt(request.socket);
    const place = this.placeOf(request, isProxied);
    const vouched = isProxied ? this.proxy.proofOf(request) : undefined;
    const session = vouched ? undefined : this.#sessionOf(request);
    if (session) {
      await this.#mustRemain(session, place).catch((error: HoldfastError) => this.#over(session, error));
      const { login } = session;
      return { ...session, isProxied, login: { ...login, principal: cameFrom(login.principal, place) } };
    }
    const proof = vouched ?? this.#proofOf(request, isProxied);
    const login =
      proof.method === 'password' ? await this.#server.login(proof, place) : await this.#cached(proof, place);
    this.#mustBeValid(login);
    // The server knows what was shown, the gateway where it came from.
    return { proof, isProxied, login: { ...login, principal: cameFrom(login.principal, place) } };
  }

  /** Whether they may stay; a server that cannot be asked changes nothing. */
  async remains(person: Person): Promise<boolean> {
    try {
      const { from, port } = person.login.principal;
      await this.#mustRemain(person, { address: from, ...(port === undefined ? {} : { port }) });
      return true;
    } catch (error) {
      return (error as HoldfastError).code !== 'HF_LOGIN_REFUSED';
    }
  }

  /** Rejects as `of`. Asks the server again once the cached answer is too old, so that a session ends when its way to log in is gone. */
  async #mustRemain({ login, proof, session }: Person, place: LoginPlace): Promise<void> {
    this.#mustBeValid(login);
    if (session !== undefined && !this.sessions.use(session)) {
      throw new HoldfastError('HF_LOGIN_REFUSED', 'the session is over');
    }
    const way = proof.method === 'login-link' ? 'token' : proof.method;
    if ((way === 'password' || way === 'token') && !this.ways.includes(way)) {
      throw new HoldfastError('HF_LOGIN_REFUSED', `a ${way} is not a way to log in any more`);
    }
    this.#mustBeValid(await this.#cached(kept(proof, login), place));
  }

  /** A session that was refused is not asked about again. */
  #over({ session }: Person, error: HoldfastError): never {
    if (error.code === 'HF_LOGIN_REFUSED' && session !== undefined) {
      this.sessions.end(session);
    }
    throw error;
  }

  /** A program that shows something else means that. */
  #sessionOf({ headers: { authorization, cookie } }: IncomingMessage): Person | undefined {
    const shown = authorization === undefined ? cookieIn(cookie, this.cookies.session) : undefined;
    return shown === undefined ? undefined : this.sessions.find(shown);
  }

  #mustBeValid({ expires }: Login): void {
    if (Date.parse(expires) <= this.#clock.now()) {
      throw new HoldfastError('HF_LOGIN_REFUSED', 'the login has expired');
    }
  }

  /** A certificate of a proxy is its own, and nobody's behind it. */
  #proofOf({ headers: { authorization }, socket }: IncomingMessage, isProxied: boolean): Proof {
    const { ways } = this;
    const [, scheme = '', shown = ''] =
      /^(\w+) +(\S+) *$/.exec((authorization ?? '').slice(0, LONGEST_CREDENTIAL)) ?? [];
    const kind = scheme.toLowerCase();
    if (kind === 'bearer' && ways.includes('token')) {
      return { method: 'token', token: shown };
    }
    if (kind === 'basic' && ways.includes('password')) {
      const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(shown, 'base64').toString()) ?? [];
      return { method: 'password', user, password };
    }
    const certificate = authorization === undefined && !isProxied ? certificateOf(socket as TLSSocket) : undefined;
    if (certificate) {
      return certificate;
    }
    const known = [
      ...(ways.includes('token') ? ['a token'] : []),
      ...(ways.includes('password') ? ['a password'] : []),
    ];
    throw new HoldfastError(
      'HF_LOGIN_REFUSED',
      `${authorization === undefined ? 'nobody is logged in' : 'this is not a way to log in'}: expected ${known.join(' or ') || 'a certificate'}`,
    );
  }

  /** Where the client is. */
  placeOf(request: IncomingMessage, isProxied = this.proxy.isAt(request.socket)): LoginPlace {
    const { socket } = request;
    const client = isProxied ? this.proxy.clientOf(request) : undefined;
    return client === undefined
      ? { address: addressOf(socket) ?? 'localhost', ...(socket.remotePort && { port: socket.remotePort }) }
      : { address: client };
  }

  #cached(proof: Proof, place: LoginPlace): Promise<Login> {
    const key = hashOf(JSON.stringify(proof));
    const now = this.#clock.monotonic();
    const known = this.#believed.get(key);
    if (known !== undefined && now < known.until) {
      return known.login;
    }
    const login = this.#server.login(proof, place);
    this.#believed.delete(key);
    this.#believed.set(key, { login, until: now + BELIEVED_MS });
    login.catch(() => {
      if (this.#believed.get(key)?.login === login) {
        this.#believed.delete(key);
      }
    });
    if (this.#believed.size > MOST_KNOWN) {
      this.#believed.delete(this.#believed.keys().next().value as string);
    }
    return login;
  }
}

/** The proof for later checks of the same login: of a password or a link only the user is kept. */
export function kept(proof: Proof, { principal: { user } }: Pick<Login, 'principal'>): Proof {
  const { method } = proof;
  return method === 'password' || method === 'login-link' ? { method, user, remains: true } : proof;
}

/** One of the authorities that the configuration names; the common name is the user. */
function certificateOf(socket: Partial<TLSSocket>): Proof | undefined {
  if (socket.authorized !== true) {
    return undefined;
  }
  const { fingerprint256, subject } = socket.getPeerCertificate?.() ?? {};
  const name = subject?.CN;
  return typeof name === 'string' && fingerprint256 !== undefined
    ? { method: 'certificate', subject: name, fingerprint: fingerprint256 }
    : undefined;
}

/** A token that was asked about from elsewhere is believed here as well. */
function cameFrom({ port: _, ...principal }: Principal, { address, port }: LoginPlace): Principal {
  return { ...principal, from: address, ...(port === undefined ? {} : { port }) };
}
