/** Requests to the provider: its authorities are those of the configuration, no redirect is followed, an answer is bounded. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { ProviderError } from './provider-port.ts';

const LARGEST_ANSWER = 1_048_576;
/** From here on it is the provider that does not work. */
const SERVER_FAILS = 500;

interface Sent {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export class ProviderFetch {
  readonly #ca: string | undefined;

  /** `ca`: PEM. */
  constructor(ca: string | undefined) {
    this.#ca = ca;
  }

  /** As openid-client calls it. Rejects with a ProviderError. */
  async fetch(url: string, { body, headers, method, signal }: Sent): Promise<Response> {
    const { protocol, host } = new URL(url);
    const open = protocol === 'https:' ? requestHttps : requestHttp;
    const bytes = body === undefined || body === null ? undefined : Buffer.from(String(body));
    return new Promise((resolve, reject) => {
      const fails = (reason: string) => reject(new ProviderError(`${host}: ${reason}`, true));
      const sent = open(url, {
        ...{ method, agent: false, ...(signal && { signal }), ...(this.#ca === undefined ? {} : { ca: this.#ca }) },
        headers: { ...headers, ...(bytes && { 'content-length': String(bytes.length) }) },
      });
      sent.once('error', (error) => fails(error.name === 'AbortError' ? 'no answer in time' : error.message));
      sent.once('response', (answer) => {
        const status = answer.statusCode ?? 0;
        if (status >= SERVER_FAILS) {
          sent.destroy();
          fails(`it answers ${status}`);
          return;
        }
        const pieces: Buffer[] = [];
        let length = 0;
        answer.on('error', ({ message }) => fails(message));
        answer.on('data', (piece: Buffer) => {
          length += piece.length;
          pieces.push(piece);
          if (length > LARGEST_ANSWER) {
            answer.destroy(new Error(`an answer of more than ${LARGEST_ANSWER} bytes`));
          }
        });
        answer.once('end', () => {
          const type = answer.headers['content-type'];
          resolve(
            new Response(length === 0 ? null : Buffer.concat(pieces), {
              status,
              headers: type === undefined ? {} : { 'content-type': type },
            }),
          );
        });
      });
      sent.end(bytes);
    });
  }
}
