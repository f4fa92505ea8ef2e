/** Requests to a control API, and what its answers say. */

import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import { linesOf } from '../platform/lines.ts';
import { problemError } from './problem-error.ts';
import type { Answer, ClientRequest, Transport } from './transport.ts';

/** Answers that are one JSON document are not larger than this. */
const MAX_BYTES = 256 << 20;

export class Requests {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get<T>(target: string): Promise<T> {
    return this.#json<T>({ method: 'GET', target });
  }

  post<T>(target: string, body: object): Promise<T> {
    return this.#json<T>({ method: 'POST', target, body });
  }

  /** Whatever the status. */
  async answer(request: ClientRequest): Promise<{ readonly status: number; readonly text: string }> {
    const { status, body } = await this.#transport.request(request);
    return { status, text: await textOf(body) };
  }

  /** To a request with `body` by POST: the lines of an answer that flows, each a JSON document, until `ended`, or the server ends it. */
  async *documents<T>(target: string, ended?: EndSignal, body?: object): AsyncGenerator<T> {
    for await (const line of linesOf(this.bytes(target, ended, body))) {
      if (line !== '') {
        yield JSON.parse(line) as T;
      }
    }
  }

  /** The bytes of an answer that flows, until `ended`, or the server ends it. */
  async *bytes(target: string, ended?: EndSignal, body?: object): AsyncGenerator<Uint8Array> {
    const request = body === undefined ? ({ method: 'GET' } as const) : ({ method: 'POST', body } as const);
    try {
      yield* (await this.#flowing({ ...request, target, flows: true, ...(ended && { ended }) })).body;
    } catch (error) {
      if (!ended?.aborted) {
        throw error;
      }
    }
  }

  async #json<T>(request: ClientRequest): Promise<T> {
    const { status, text } = await this.answer(request);
    if (!isGood(status)) {
      throw problemError(status, text);
    }
    return JSON.parse(text || 'null') as T;
  }

  async #flowing(request: ClientRequest): Promise<Answer> {
    const answer = await this.#transport.request(request);
    if (!isGood(answer.status)) {
      throw problemError(answer.status, await textOf(answer.body));
    }
    return answer;
  }
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new HoldfastError('HF_BAD_REQUEST', 'the answer is larger than any answer should be');
    }
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join('');
}
