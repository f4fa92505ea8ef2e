/** The control API over HTTP, on whatever way there is to its server. */

import type { ClientRequest as HttpRequest, IncomingMessage, RequestOptions } from 'node:http';
import { HoldfastError } from '../model/errors.ts';
import { type Clock, systemClock } from '../platform/time/clock.ts';
import { pause } from '../platform/time/pause.ts';
import { QUIET } from './patience.ts';
import type { Answer, ClientRequest, Transport, Wire, WireHandlers } from './transport.ts';
import type { Way } from './way.ts';

/** Milliseconds between retries while the server is full. */
const RETRY_MS = 50;
/** Asked of a server that takes its time, to find out whether it answers at all. */
const PROBE = '/v1/openapi.json';

export class HttpTransport implements Transport {
  readonly #way: Way;
  readonly #clock: Clock;

  constructor(way: Way, clock: Clock = systemClock) {
    this.#way = way;
    this.#clock = clock;
  }

  /** A server that is silent for QUIET is asked something easy, and waited for as long as it answers that. */
  async request(request: ClientRequest): Promise<Answer> {
    const answer = await this.#send(request);
    return { status: answer.statusCode ?? 0, body: bodyOf(answer) };
  }

  /** The library is loaded late: most commands open no WebSocket. */
  open(target: string, protocols: readonly string[], handlers: WireHandlers): Wire {
    let wire: Wire | undefined;
    let closed = false;
    import('./http-wire.ts').then(({ openWire }) => {
      if (!closed) {
        wire = openWire(this.#way, target, protocols, handlers);
      }
    }, handlers.failed);
    return {
      get protocol() {
        return wire?.protocol ?? '';
      },
      send: (message) => wire?.send(message),
      pause: () => wire?.pause(),
      resume: () => wire?.resume(),
      close() {
        closed = true;
        wire?.close();
      },
    };
  }

  async #send(request: ClientRequest): Promise<IncomingMessage> {
    for (const limit = this.#clock.monotonic() + this.#way.patience; ; await pause(this.#clock, RETRY_MS)) {
      try {
        return await this.#sendNow(request);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || this.#clock.monotonic() > limit) {
          throw this.#way.fault(error as Error);
        }
      }
    }
  }

  async #sendNow({ method, target, body, ended, flows }: ClientRequest): Promise<IncomingMessage> {
    // Loaded late: not every command asks a server, and `up` should start fast.
    // Not by import(): that looks at every export, among them those for which all of undici is loaded, 30 ms.
    const { request } = process.getBuiltinModule('node:http');
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { headers: always, host, probeHeaders } = this.#way;
    const headers = {
      ...(target === PROBE ? probeHeaders : always),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const createConnection = this.#way.connect.bind(this.#way);
    return new Promise((resolve, reject) => {
      let head: IncomingMessage | undefined;
      const sent = request({ host, path: target, method, headers, createConnection } as RequestOptions, (answer) => {
        head = answer;
        if (flows) {
          sent.setTimeout(0);
        }
        resolve(answer);
      });
      if (ended) {
        giveUpWhen(ended, sent);
      }
      const silent = async (): Promise<void> => {
        (head ?? sent).destroy(await this.#way.silence(sent.socket));
      };
      sent.setTimeout(target === PROBE ? this.#way.patience - QUIET : QUIET, () => {
        if (target === PROBE) {
          void silent();
          return;
        }
        this.#send({ method: 'GET', target: PROBE }).then((answer) => {
          answer.resume();
          sent.setTimeout(QUIET);
        }, silent);
      });
      sent.once('error', reject);
      sent.end(text);
    });
  }
}

function giveUpWhen(ended: NonNullable<ClientRequest['ended']>, sent: HttpRequest): void {
  const giveUp = (): void => void sent.destroy();
  if (ended.aborted) {
    giveUp();
    return;
  }
  ended.addEventListener('abort', giveUp, { once: true });
  sent.once('close', () => ended.removeEventListener('abort', giveUp));
}

async function* bodyOf(answer: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* answer as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') {
      throw new HoldfastError(
        'HF_NO_SERVER',
        'the server went away in the middle of its answer, or could not go on with it: its own log says why',
      );
    }
    throw error;
  }
}
