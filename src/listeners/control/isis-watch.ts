/** `GET /v1/isis/:name/watch`: the traffic of an ISIS server from now on. */
import { Readable } from 'node:stream';
import * as Type from 'typebox';
import { IsisMessageSchema } from '../../model/isis-api-schema.ts';
import { IMP_TYPES, type IsisTraffic } from '../../model/isis-port.ts';
import { route, Streamed } from './route.ts';

const Query = Type.Object(
  {
    host: Type.Optional(Type.String({ maxLength: 64, description: 'Only messages from or to this host; `*`, `?`.' })),
    type: Type.Optional(
      Type.String({
        maxLength: 128,
        description: `Only these types, with commas between them: ${IMP_TYPES.join(', ')}.`,
      }),
    ),
    pattern: Type.Optional(
      Type.String({
        maxLength: 256,
        description:
          'Only messages `SRC>DST body` with this text somewhere, of any case; `*` any text, `?` one character.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const isisWatch = route({
  method: 'GET',
  path: '/v1/isis/:name/watch',
  id: 'isisWatch',
  summary:
    'Every matching message, one JSON document per line; `{"missed": N}` where this reader was too slow. Routing does not wait for it.',
  query: Query,
  answer: { status: 200, schema: IsisMessageSchema, types: ['application/x-ndjson'] },
  handle({ host, name, query, ended }) {
    const over = new AbortController();
    const end = (): void => over.abort();
    const traffic = host.isis.watch(name, query, over.signal);
    const stream = Readable.from(lines(traffic), { objectMode: false, highWaterMark: 16384 });
    ended.addEventListener('abort', end, { once: true });
    stream.once('close', end);
    return new Streamed('application/x-ndjson', stream);
  },
});

async function* lines(traffic: AsyncIterable<IsisTraffic>): AsyncGenerator<string> {
  for await (const { messages, missed } of traffic) {
    const text = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
    yield missed > 0 ? `${text}${JSON.stringify({ missed })}\n` : text;
  }
}
