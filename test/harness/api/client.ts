/** The control API as the command line uses it: typed calls over the unix socket; problem documents become HoldfastError. */
import { type IncomingMessage, request } from 'node:http';
import type { PlanResult } from '../../../src/console/host-port.ts';
import type { ConsoleDetail, ConsoleSummary, HostEvent, VersionInfo } from '../../../src/model/api.ts';
import { HoldfastError } from '../../../src/model/errors.ts';
import { type AttachedSession, type AttachFrom, type AttachWatcher, attach } from './attach-client.ts';
import { RemoteError, refusal, unreachable } from './remote-error.ts';

export interface ListFilter {
  readonly group?: string;
  readonly state?: string;
  readonly match?: string;
}

export interface LogQuery {
  readonly tail?: number;
  /** ISO 8601. */
  readonly since?: string;
  readonly until?: string;
  readonly follow?: boolean;
}

export interface EventQuery {
  readonly console?: string;
  readonly limit?: number;
  readonly since?: number;
}

/** Bytes of one event as JSON; more is no answer of a Holdfast server. */
const LONGEST_LINE = 16 << 20;

export class Client {
  readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  version(): Promise<VersionInfo> {
    return this.#json('GET', '/v1/version');
  }

  list(filter: ListFilter = {}): Promise<ConsoleSummary[]> {
    return this.#json('GET', `/v1/consoles${queryOf(filter)}`);
  }

  detail(name: string): Promise<ConsoleDetail> {
    return this.#json('GET', consolePath(name));
  }

  start(name: string): Promise<ConsoleSummary> {
    return this.#json('POST', `${consolePath(name)}/start`, {});
  }

  stop(name: string): Promise<ConsoleSummary> {
    return this.#json('POST', `${consolePath(name)}/stop`, {});
  }

  restart(name: string): Promise<ConsoleSummary> {
    return this.#json('POST', `${consolePath(name)}/restart`, {});
  }

  release(name: string): Promise<ConsoleSummary> {
    return this.#json('POST', `${consolePath(name)}/release`, {});
  }

  /** Number or name: `TERM`, `SIGTERM`. */
  signal(name: string, signal: string | number): Promise<ConsoleSummary> {
    return this.#json('POST', `${consolePath(name)}/signal`, { signal });
  }

  /** `until`: ISO 8601. */
  hold(name: string, reason: string, until?: string): Promise<ConsoleSummary> {
    return this.#json('POST', `${consolePath(name)}/hold`, { reason, ...(until === undefined ? {} : { until }) });
  }

  /** With problems there are no steps. */
  plan(): Promise<PlanResult> {
    return this.#planned('GET', '/v1/plan');
  }

  apply(): Promise<PlanResult> {
    return this.#planned('POST', '/v1/apply', {});
  }

  async down(all: boolean): Promise<void> {
    await this.#json('POST', '/v1/down', { all });
  }

  events(query: EventQuery = {}): Promise<HostEvent[]> {
    return this.#json('GET', `/v1/events${queryOf(query)}`);
  }

  /** Goes on until `signal` is aborted (then it returns) or the server ends. */
  async *followEvents(query: EventQuery = {}, signal?: AbortSignal): AsyncGenerator<HostEvent> {
    const response = await this.#send('GET', `/v1/events${queryOf({ ...query, follow: true })}`, undefined, signal);
    let rest = '';
    response.setEncoding('utf8');
    for await (const text of unlessAborted<string>(response, signal)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) {
        throw new HoldfastError('HF_INTERNAL', `${this.socket}: the server sent a line that does not end`);
      }
      for (const line of lines) {
        yield JSON.parse(line) as HostEvent;
      }
    }
  }

  /** Bytes of the log; with `follow` until `signal` is aborted. */
  async *log(name: string, query: LogQuery = {}, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const response = await this.#send('GET', `${consolePath(name)}/log${queryOf(query)}`, undefined, signal);
    yield* unlessAborted<Uint8Array>(response, signal);
  }

  /** One session that comes back by itself when the server does. Rejects where the first attempt is refused. */
  attach(name: string, from: AttachFrom, watcher: AttachWatcher): Promise<AttachedSession> {
    return attach(this.socket, name, from, watcher);
  }

  async #planned(method: string, path: string, body?: object): Promise<PlanResult> {
    try {
      return await this.#json<PlanResult>(method, path, body);
    } catch (error) {
      if (error instanceof RemoteError && error.problems) {
        return { steps: [], server: [], problems: error.problems };
      }
      throw error;
    }
  }

  async #json<T>(method: string, path: string, body?: object): Promise<T> {
    return JSON.parse(await textOf(await this.#send(method, path, body))) as T;
  }

  #send(method: string, path: string, body?: object, signal?: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers =
        text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
      const sent = request({
        socketPath: this.socket,
        method,
        path,
        headers,
        agent: false,
        ...(signal ? { signal } : {}),
      });
      sent.once('error', (error: NodeJS.ErrnoException) => reject(unreachable(this.socket, error)));
      sent.once('response', (response) => {
        if ((response.statusCode ?? 500) < 300) {
          resolve(response);
        } else {
          textOf(response).then((answer) => reject(refusal(answer, response.statusCode ?? 500)), reject);
        }
      });
      sent.end(text);
    });
  }
}

function consolePath(name: string): string {
  return `/v1/consoles/${encodeURIComponent(name)}`;
}

function queryOf(values: object): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== false) {
      query.set(key, value === true ? '1' : String(value));
    }
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) {
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString();
}

async function* unlessAborted<T>(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<T> {
  try {
    yield* response as AsyncIterable<T>;
  } catch (error) {
    if (!signal?.aborted) {
      throw error;
    }
  }
}
