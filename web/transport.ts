/** fetch and WebSocket of the browser, to the host and path prefix that the page came from. */

import { problemError } from '../src/client/problem-error.ts';
import type { Answer, ClientRequest, Transport, Wire, WireHandlers } from '../src/client/transport.ts';
import { type ErrorCode, HoldfastError } from '../src/model/errors.ts';
import { PROBLEM_TYPE } from '../src/model/problem.ts';
import { FAULTS } from './texts/page.ts';
import { urlOf } from './url.ts';

/** Default time limit of an answer, and of the first message of a WebSocket. */
const PATIENCE_MS = 10_000;
/** As a WebSocket closes that just broke (RFC 6455 7.4.1). */
const BROKEN = 1006;
/** Statuses of a proxy whose server is gone. */
const FROM_PROXY = new Set([502, 503, 504]);
/** A browser does not say why a WebSocket was refused; a request that takes the same right does, if it is one of these. */
const TELLING: ReadonlySet<ErrorCode> = new Set(['HF_FORBIDDEN', 'HF_NO_CONSOLE', 'HF_LOGIN_REFUSED'] as const);

export class BrowserTransport implements Transport {
  readonly #open = new Set<() => void>();
  readonly #patienceMs: number;

  /** Time limit of the answer. */
  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  async request({ body, ended, flows, method, target }: ClientRequest): Promise<Answer> {
    const giveUp = new AbortController();
    const late = setTimeout(() => giveUp.abort(), this.#patienceMs);
    const end = (): void => giveUp.abort();
    const over = (): void => {
      clearTimeout(late);
      ended?.removeEventListener('abort', end);
    };
    ended?.addEventListener('abort', end, { once: true });
    try {
      const answer = await fetch(urlOf(target), {
        method,
        signal: giveUp.signal,
        cache: 'no-store',
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      if (FROM_PROXY.has(answer.status) && answer.headers.get('content-type') !== PROBLEM_TYPE) {
        throw new HoldfastError('HF_NO_SERVER', FAULTS.connection);
      }
      if (flows) {
        clearTimeout(late);
      }
      return { status: answer.status, body: bytesOf(answer.body, over) };
    } catch (error) {
      over();
      throw error instanceof HoldfastError || ended?.aborted ? error : unreachable(giveUp.signal.aborted);
    }
  }

  open(target: string, protocols: readonly string[], handlers: WireHandlers): Wire {
    const url = urlOf(target);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, [...protocols]);
    socket.binaryType = 'arraybuffer';
    let settled = false;
    let over = false;
    const end = (action: () => void): void => {
      if (!over) {
        over = true;
        clearTimeout(late);
        this.#open.delete(drop);
        socket.close();
        action();
      }
    };
    const fail = (error: Error): void => end(() => handlers.failed(error));
    const drop = (): void => (settled ? end(() => handlers.closed(BROKEN)) : fail(unreachable(true)));
    const late = setTimeout(drop, PATIENCE_MS);
    this.#open.add(drop);
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (over) {
        return;
      }
      settled = true;
      clearTimeout(late);
      if (typeof data === 'string') {
        handlers.text(data);
      } else {
        handlers.bytes(new Uint8Array(data));
      }
    });
    socket.addEventListener('close', ({ code }) => {
      if (settled) {
        end(() => handlers.closed(code));
      } else if (!over) {
        void this.#refusal(target).then(fail);
      }
    });
    return {
      get protocol() {
        return socket.protocol;
      },
      send: (message) => {
        if (socket.readyState === WebSocket.OPEN) {
          socket.send(message as string | Uint8Array<ArrayBuffer>);
        }
      },
      // A browser hands over what comes.
      pause: () => undefined,
      resume: () => undefined,
      close: () => end(() => undefined),
    };
  }

  /** The network is gone: a browser finds that out by itself only when the system does, in minutes or hours. */
  drop(): void {
    for (const each of [...this.#open]) {
      each();
    }
  }

  async #refusal(target: string): Promise<Error> {
    const console = /^(\/v1\/consoles\/[^/]+)\/attach\b/.exec(target)?.[1];
    try {
      const probe = console === undefined ? '/v1/version' : `${console}/log?tail=0`;
      const { body, status } = await this.request({ method: 'GET', target: probe });
      const error = problemError(status, await textOf(body));
      return TELLING.has(error.code) ? error : unreachable(false);
    } catch (error) {
      return error as Error;
    }
  }
}

function unreachable(silent: boolean): HoldfastError {
  return silent
    ? new HoldfastError('HF_NO_ANSWER', FAULTS.silent)
    : new HoldfastError('HF_NO_SERVER', FAULTS.connection);
}

/** Not all browsers let one loop over a stream. */
async function* bytesOf(stream: ReadableStream<Uint8Array> | null, done: () => void): AsyncGenerator<Uint8Array> {
  const reader = stream?.getReader();
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      yield next.value;
    }
  } finally {
    done();
    await reader?.cancel().catch(() => undefined);
  }
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
