/** The control API over HTTP on a unix socket. */

import type { IncomingMessage } from 'node:http';
import type { ConsoleDetail, ConsoleSummary, EventInfo, PlanResult, VersionInfo } from '../model/api.ts';
import { ERRORS, type ErrorCode, HoldfastError } from '../model/errors.ts';
import { type Clock, systemClock } from '../platform/time/clock.ts';
import { pause } from '../platform/time/pause.ts';
import type { ControlClient } from './control-client.ts';
import { linesOf } from './lines.ts';
import { PATIENCE, QUIET } from './patience.ts';

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Milliseconds between retries while the server is full. */
const RETRY_MS = 50;
/** Asked of a server that takes its time, to find out whether it answers at all. */
const PROBE = '/v1/openapi.json';
/** Answers that are one JSON document are not larger than this. */
const MAX_BYTES = 256 << 20;

export function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== false);
  const text = new URLSearchParams(
    Object.fromEntries(given.map(([key, value]) => [key, value === true ? '1' : String(value)])),
  ).toString();
  return text === '' ? '' : `?${text}`;
}

/** What connect(2) says, as an error that says what to do. */
export function connectError(error: NodeJS.ErrnoException, socket: string): Error {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return new HoldfastError(
        'HF_NO_SERVER',
        `no server answers on ${socket}: 'holdfast up' starts it, --socket names another`,
      );
    case 'ECONNRESET':
    case 'EPIPE':
      return new HoldfastError(
        'HF_BUSY',
        `there is a server on ${socket}, but it closed the connection without an answer: it is out of descriptors, or going down`,
      );
    case 'EAGAIN':
      return new HoldfastError(
        'HF_BUSY',
        `there is a server on ${socket}, but it is busy: its queue of waiting connections is full`,
      );
    case 'EMFILE':
    case 'ENFILE':
      return Object.assign(new Error(`there are no descriptors left to connect with: see ulimit -n`), {
        code: error.code,
      });
    case 'EACCES':
      return Object.assign(new Error(`this user may not open ${socket}: see its mode and group`), { code: error.code });
    default:
      return error;
  }
}

/** The error that a problem document stands for. */
export function problemError(status: number, body: string): HoldfastError {
  try {
    const { code, detail } = JSON.parse(body) as { code?: string; detail?: string };
    if (code !== undefined && Object.hasOwn(ERRORS, code)) {
      return new HoldfastError(code as ErrorCode, detail ?? ERRORS[code as ErrorCode].title);
    }
  } catch {
    // Not from our server: told below with what it said.
  }
  return new HoldfastError('HF_BAD_REQUEST', `the server answers ${status}: ${body.slice(0, 200)}`);
}

interface Sending {
  readonly body?: unknown;
  /** Aborted when the answer is not wanted any more. */
  readonly ended?: AbortSignal;
  /** The answer comes in pieces, whenever there is something to report. */
  readonly flows?: true;
}

export class HttpClient implements Omit<ControlClient, 'attach'> {
  readonly #socket: string;
  readonly #clock: Clock;

  constructor(socket: string, clock: Clock = systemClock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  version = () => this.#json<VersionInfo>('GET', '/v1/version');
  list: ControlClient['list'] = (filter) =>
    this.#json<ConsoleSummary[]>('GET', `/v1/consoles${queryText({ ...filter })}`);
  detail = (name: string) => this.#json<ConsoleDetail>('GET', path(name));
  act: ControlClient['act'] = (name, verb) => this.#json<ConsoleSummary>('POST', `${path(name)}/${verb}`, {});
  signal: ControlClient['signal'] = (name, signal) =>
    this.#json<ConsoleSummary>('POST', `${path(name)}/signal`, { signal });
  hold: ControlClient['hold'] = (name, reason, until) =>
    this.#json<ConsoleSummary>('POST', `${path(name)}/hold`, until === undefined ? { reason } : { reason, until });
  events: ControlClient['events'] = (query) => this.#json<EventInfo[]>('GET', `/v1/events${queryText({ ...query })}`);
  plan = () => this.#plan('GET', '/v1/plan');
  apply = () => this.#plan('POST', '/v1/apply');

  async down(all: boolean): Promise<void> {
    await this.#json('POST', '/v1/down', { all });
  }

  json<T>(method: 'GET' | 'POST', target: string, body?: object): Promise<T> {
    return this.#json<T>(method, target, body);
  }

  async *lines(target: string, ended: AbortSignal): AsyncGenerator<string> {
    const answer = await this.#ok(await this.#send('GET', target, { flows: true }));
    const end = () => void answer.destroy();
    ended.addEventListener('abort', end, { once: true });
    try {
      for await (const line of linesOf(answer)) {
        if (line !== '') {
          yield line;
        }
      }
    } catch (error) {
      if (!ended.aborted) {
        throw error;
      }
    } finally {
      ended.removeEventListener('abort', end);
    }
  }

  async *log(name: string, query: Parameters<ControlClient['log']>[1]): AsyncGenerator<Uint8Array> {
    yield* bodyOf(
      await this.#ok(await this.#send('GET', `${path(name)}/log${queryText({ ...query })}`, { flows: true })),
    );
  }

  async *followEvents(...[query, ended]: Parameters<ControlClient['followEvents']>): AsyncGenerator<EventInfo> {
    const target = `/v1/events${queryText({ ...query, follow: true })}`;
    const answer = await this.#ok(await this.#send('GET', target, { flows: true, ...(ended ? { ended } : {}) }));
    for await (const line of linesOf(bodyOf(answer))) {
      if (line !== '') {
        yield JSON.parse(line) as EventInfo;
      }
    }
  }

  async #plan(method: string, target: string): Promise<PlanResult> {
    const answer = await this.#send(method, target, method === 'POST' ? { body: {} } : {});
    if (answer.statusCode !== ERRORS.HF_BAD_CONFIG.status) {
      // A server older than this program does not speak of [server].
      const { server = [], ...plan } = JSON.parse(await read(await this.#ok(answer))) as PlanResult & {
        server?: PlanResult['server'];
      };
      return { ...plan, server };
    }
    const body = await read(answer);
    const { problems } = JSON.parse(body) as Partial<PlanResult>;
    if (problems === undefined) {
      throw problemError(ERRORS.HF_BAD_CONFIG.status, body);
    }
    return { steps: [], server: [], problems };
  }

  async #json<T>(method: string, target: string, body?: unknown): Promise<T> {
    return JSON.parse((await read(await this.#ok(await this.#send(method, target, { body })))) || 'null') as T;
  }

  async #ok(answer: IncomingMessage): Promise<IncomingMessage> {
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      return answer;
    }
    throw problemError(status, await read(answer));
  }

  /**
   * Resolves with the head of the answer. A server that is silent for QUIET is asked something easy, and waited for as long as
   * it answers that. Of an answer that `flows` the head only has to come in time.
   */
  async #send(method: string, target: string, sending: Sending = {}): Promise<IncomingMessage> {
    for (const limit = this.#clock.monotonic() + PATIENCE; ; await pause(this.#clock, RETRY_MS)) {
      try {
        return await this.#sendNow(method, target, sending);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || this.#clock.monotonic() > limit) {
          throw connectError(error as Error, this.#socket);
        }
      }
    }
  }

  async #sendNow(method: string, target: string, { body, ended, flows }: Sending): Promise<IncomingMessage> {
    // Loaded late: not every command asks a server, and `up` should start fast.
    const { request } = await import('node:http');
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      let head: IncomingMessage | undefined;
      const sent = request(
        { socketPath: this.#socket, path: target, method, headers, agent: false, ...(ended ? { signal: ended } : {}) },
        (answer) => {
          head = answer;
          if (flows) {
            sent.setTimeout(0);
          }
          resolve(answer);
        },
      );
      const silent = async (): Promise<void> => {
        const { silentError } = await import('./silent-server.ts');
        (head ?? sent).destroy(silentError(this.#socket, sent.socket));
      };
      sent.setTimeout(target === PROBE ? PATIENCE - QUIET : QUIET, () => {
        if (target === PROBE) {
          void silent();
          return;
        }
        this.#send('GET', PROBE).then((answer) => {
          answer.resume();
          sent.setTimeout(QUIET);
        }, silent);
      });
      sent.once('error', reject);
      sent.end(text);
    });
  }
}

function path(name: string): string {
  return `/v1/consoles/${encodeURIComponent(name)}`;
}

async function* bodyOf(answer: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* answer as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') {
      throw new HoldfastError('HF_NO_SERVER', 'the server went away in the middle of its answer');
    }
    throw error;
  }
}

async function read(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(answer)) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new HoldfastError('HF_BAD_REQUEST', 'the answer is larger than any answer should be');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
