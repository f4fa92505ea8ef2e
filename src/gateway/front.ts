/** Requests from the network: checked, logged in, and passed on to the server in the name of whoever sent them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { peerNetwork } from '../access/peer-network.ts';
import type { Problem } from '../model/api.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Proof } from '../model/login-port.ts';
import { PROBLEM_TYPE, problemOf } from '../model/problem.ts';
import { problemResponse } from '../platform/net/problem-response.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { every } from '../platform/time/every.ts';
import type { Crowd } from './crowd.ts';
import { BELIEVED_MS, type LogIns } from './log-ins.ts';
import type { LoginPages } from './login-pages.ts';
import { isFromOtherPage, isFromOwnPage, isOfPage } from './own-page.ts';
import type { Person } from './person.ts';
import type { Requests } from './requests.ts';
import type { Server } from './server.ts';
import type { WebFiles } from './web-files.ts';

export interface FrontParts {
  readonly clock: Clock;
  readonly crowd: Crowd;
  readonly logIns: LogIns;
  readonly pages: LoginPages;
  readonly server: Server;
  readonly web: WebFiles;
}

/** Bytes of a request's body. */
const LARGEST_BODY = 65_536;
/** Milliseconds that a refused peer has to read why. */
const FAREWELL_MS = 1000;

/** Details and statuses, by the code of Node's error. */
const UNREADABLE: Readonly<Record<string, readonly [string, number]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['The request did not come in whole in time', 408],
  HPE_HEADER_OVERFLOW: ['The head of the request has more than 16 KiB', 431],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['The chunks of the body have extensions of more than 16 KiB', 413],
};

const REQUEST_HEADERS = ['accept', 'content-type'] as const;
const UPGRADE_HEADERS = [
  ...['connection', 'upgrade', 'sec-websocket-key'],
  ...['sec-websocket-version', 'sec-websocket-protocol'],
] as const;
const ANSWER_HEADERS = ['content-type', 'content-length', 'allow', 'retry-after'] as const;
const UPGRADED_HEADERS = ['connection', 'upgrade', 'sec-websocket-accept', 'sec-websocket-protocol'] as const;
const SAFE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export class Front {
  readonly #parts: FrontParts;
  #requests: Requests | undefined;
  /** Connections with a request that has not been answered. */
  readonly #busy = new Set<Socket>();
  /** Open connections, by whom they are. */
  readonly #open = new Map<Duplex, Person>();
  readonly #timer: Timer;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.#timer = every(parts.clock, BELIEVED_MS, () => this.#look(), { ref: false });
  }

  set requests(requests: Requests) {
    this.#requests = requests;
  }

  /** Listener of `request`. */
  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    // Nobody needs to ask twice before the first answer.
    if (this.#busy.has(socket)) {
      socket.destroy();
      return;
    }
    this.#busy.add(socket);
    response.once('close', () => this.#busy.delete(socket));
    this.#answer(request, response).catch((error: unknown) => refuse(response, problemFrom(error)));
  };

  /** Listener of `upgrade`. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    // The answer to the request before would end up in the session, and its end would be taken for that of the session.
    if (this.#busy.has(request.socket)) {
      socket.destroy();
      return;
    }
    this.#upgrade(request, socket, head).catch((error: unknown) => this.#farewell(socket, problemFrom(error)));
  };

  /** Listener of `clientError`. */
  readonly unreadable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [detail, status] = UNREADABLE[error.code ?? ''] ?? [
      `This is not an HTTP request (${error.code ?? error.message})`,
    ];
    this.#farewell(socket, problemOf('HF_BAD_REQUEST', detail, status));
  };

  /** Cuts off those who logged in so. */
  end(method: Proof['method']): void {
    for (const [socket, { proof }] of this.#open) {
      if (proof.method === method) {
        socket.destroy();
      }
    }
  }

  close(): void {
    this.#timer.cancel();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#parts.web.has(request)) {
      this.#check(request, false);
      this.#parts.web.answer(request, response);
      return;
    }
    if (this.#parts.pages.has(request)) {
      this.#check(request, false);
      const ended = await this.#parts.pages.answer(request, response, () => bodyOf(request));
      if (ended) {
        this.#look();
      }
      return;
    }
    const person = await this.#enter(request, false);
    const body = await bodyOf(request);
    const { method = '', url = '' } = request;
    const headers = { ...picked(request.headers, REQUEST_HEADERS), 'content-length': String(body.length) };
    const sent = this.#parts.server.open({ method, target: url, headers, by: person.login.principal });
    this.#open.set(request.socket, person);
    response.once('close', () => {
      this.#open.delete(request.socket);
      sent.destroy();
    });
    await new Promise<void>((resolve, reject) => {
      sent.once('error', ({ message }) => reject(new HoldfastError('HF_NO_SERVER', message)));
      sent.once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, { ...picked(answer.headers, ANSWER_HEADERS), ...SAFE });
        response.flushHeaders();
        pipeline(answer, response, () => resolve());
      });
      sent.end(body);
    });
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const person = await this.#enter(request, true);
    if (person.proof.method === 'password' && person.session === undefined) {
      throw new HoldfastError('HF_LOGIN_REFUSED', 'a session takes a token; a password buys one (POST /v1/tokens)');
    }
    const { url = '' } = request;
    const headers = picked(request.headers, UPGRADE_HEADERS);
    const sent = this.#parts.server.open({ method: 'GET', target: url, headers, by: person.login.principal });
    const gone = () => void sent.destroy();
    socket.once('close', gone);
    await new Promise<void>((resolve, reject) => {
      sent.once('error', ({ message }) => reject(new HoldfastError('HF_NO_SERVER', message)));
      sent.once('response', (answer) => {
        const names = Object.entries({ ...picked(answer.headers, ANSWER_HEADERS), ...SAFE, connection: 'close' });
        socket.write(headText(`${answer.statusCode} ${answer.statusMessage}`, names));
        pipeline(answer, socket, () => resolve());
      });
      sent.once('upgrade', (answer, server, serverHead) => {
        socket.off('close', gone);
        socket.write(headText('101 Switching Protocols', Object.entries(picked(answer.headers, UPGRADED_HEADERS))));
        socket.unshift(head);
        server.unshift(serverHead);
        this.#open.set(socket, person);
        join(socket, server, () => this.#open.delete(socket));
        resolve();
      });
      sent.end();
    });
  }

  /** Rejects unless it is a request that may be passed on, of somebody who has logged in. */
  async #enter(request: IncomingMessage, upgrades: boolean): Promise<Person> {
    this.#check(request, upgrades);
    if (isFromOtherPage(request)) {
      throw new Refused(problemOf('HF_FORBIDDEN', 'Sec-Fetch-Site: the page of another host may not ask this one'));
    }
    const person = await this.#parts.logIns.of(request);
    if (person.session !== undefined && !isFromOwnPage(request, upgrades)) {
      throw new Refused(problemOf('HF_FORBIDDEN', 'a login by cookie acts for pages of this host only'));
    }
    if (request.socket.destroyed) {
      throw new HoldfastError('HF_BUSY', 'The connection is gone');
    }
    if (person.isProxied && this.#countOf(person) >= this.#parts.crowd.perAddress) {
      throw new HoldfastError('HF_BUSY', `there are many requests from ${person.login.principal.from}: try again`);
    }
    if (!this.#parts.crowd.know(request.socket)) {
      throw new HoldfastError('HF_BUSY', 'the gateway has as many connections as it may have: try again');
    }
    return isOfPage(request) || person.session !== undefined ? byPage(person) : person;
  }

  /** Throws unless it may be answered. */
  #check(request: IncomingMessage, upgrades: boolean): void {
    const fault = this.#requests
      ? this.#requests.fault(request, upgrades)
      : problemOf('HF_NO_SERVER', 'the gateway has not been told what there is');
    if (fault) {
      throw new Refused(fault);
    }
  }

  /** Open connections behind proxies from where this one is. */
  #countOf({ login: { principal } }: Person): number {
    const peer = peerNetwork(principal.from);
    return [...this.#open.values()].filter(
      ({ isProxied, login }) => isProxied && peerNetwork(login.principal.from) === peer,
    ).length;
  }

  /** Those whose login is over are cut off. */
  #look(): void {
    this.#parts.logIns.sessions.sweep();
    for (const [socket, person] of this.#open) {
      void this.#parts.logIns.remains(person).then((remains) => {
        if (!remains) {
          socket.destroy();
        }
      });
    }
  }

  #farewell(socket: Duplex, problem: Problem): void {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const timer = this.#parts.clock.after(FAREWELL_MS, () => socket.destroy());
    socket.once('close', () => timer.cancel());
    socket.end(problemResponse(problem));
  }
}

function byPage({ login, ...rest }: Person): Person {
  return { ...rest, login: { ...login, principal: { ...login.principal, channel: 'web' } } };
}

class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

function problemFrom(error: unknown): Problem {
  if (error instanceof Refused) {
    return error.problem;
  }
  return error instanceof HoldfastError
    ? problemOf(error.code, error.message)
    : problemOf('HF_INTERNAL', 'The gateway failed at this request.');
}

function refuse(response: ServerResponse, problem: Problem): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const login = problem.status === 401 ? { 'www-authenticate': 'Bearer realm="holdfast"' } : {};
  // The rest of the request is not read.
  const headers = { 'content-type': PROBLEM_TYPE, ...SAFE, ...login, connection: 'close' };
  response.writeHead(problem.status, headers).end(JSON.stringify(problem));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new Refused(problemOf('HF_BAD_REQUEST', 'body: it has more than 64 KiB', 413));
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) {
    throw tooLarge;
  }
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > LARGEST_BODY) {
      throw tooLarge;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function picked(headers: IncomingMessage['headers'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

function headText(status: string, headers: readonly (readonly [string, string])[]): string {
  return `HTTP/1.1 ${status}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** Both ways; each waits for the other's reader, and ends with it. */
function join(one: Duplex, other: Duplex, over: () => void): void {
  const end = (): void => {
    one.destroy();
    other.destroy();
    over();
  };
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', end);
    from.once('close', end);
    from.pipe(to);
  }
}
