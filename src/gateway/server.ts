/** The server behind the gateway: its control API, over its socket for the gateway. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Problem } from '../model/api.ts';
import { ERRORS, type ErrorCode, HoldfastError } from '../model/errors.ts';
import { LOGIN_PATH, VOUCHED_HEADER } from '../model/gateway-protocol.ts';
import type { Login, LoginPlace, LoginPort, Proof } from '../model/login-port.ts';
import type { Principal } from '../model/principal.ts';

/** The part of a request that is passed on to it. */
export interface Forwarded {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly by: Principal;
}

/** Milliseconds for PAM, which takes its time. */
const LOGIN_MS = 40_000;
/** Logins that are asked for at a time; of these such with a password, which PAM takes seconds for: the others are answered at once. */
const MOST_LOGINS = 64;
const MOST_PASSWORDS = 32;

export class Server implements LoginPort {
  readonly #socket: string;
  #logins = 0;
  #passwords = 0;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async login(proof: Proof, place: LoginPlace): Promise<Login> {
    const slow = 'password' in proof ? 1 : 0;
    if (this.#logins >= MOST_LOGINS || this.#passwords + slow > MOST_PASSWORDS) {
      throw new HoldfastError('HF_BUSY', 'many are logging in: try again');
    }
    this.#logins++;
    this.#passwords += slow;
    try {
      return await this.#login(JSON.stringify({ ...proof, ...place }));
    } finally {
      this.#logins--;
      this.#passwords -= slow;
    }
  }

  /** A request in somebody's name; the caller handles its events. */
  open({ by, headers, method, target }: Forwarded): ClientRequest {
    const vouched = Buffer.from(JSON.stringify(by)).toString('base64url');
    return request({
      ...{ socketPath: this.#socket, agent: false, method, path: target },
      headers: { ...headers, host: 'localhost', [VOUCHED_HEADER]: vouched },
    });
  }

  /** The socket of an upgraded connection of the gateway's own. */
  link(target: string, protocol: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const sent = request({
        ...{ socketPath: this.#socket, agent: false, path: target },
        headers: { host: 'localhost', connection: 'Upgrade', upgrade: protocol },
      });
      sent.once('upgrade', (_answer: IncomingMessage, socket: Socket, head: Buffer) => {
        socket.unshift(head);
        resolve(socket);
      });
      sent.once('response', (answer) => {
        answer.resume();
        reject(new Error(`the server answers ${answer.statusCode}`));
      });
      sent.once('error', reject);
      sent.end();
    });
  }

  async #login(body: string): Promise<Login> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({
        ...{ socketPath: this.#socket, agent: false, method: 'POST', path: LOGIN_PATH },
        headers: { host: 'localhost', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      });
      sent.setTimeout(LOGIN_MS, () => sent.destroy(new Error('no answer')));
      sent.once('response', resolve);
      sent.once('error', ({ message }) => reject(new HoldfastError('HF_NO_SERVER', message)));
      sent.end(body);
    });
    const said: unknown = JSON.parse(await text(answer));
    if (answer.statusCode === 200) {
      return said as Login;
    }
    const { code, detail } = said as Problem;
    throw Object.hasOwn(ERRORS, code)
      ? new HoldfastError(code as ErrorCode, detail)
      : new HoldfastError('HF_NO_SERVER', 'the server does not say who that is');
  }
}
