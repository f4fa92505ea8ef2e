/** `GET /v1/isis/:name/watch`: the traffic of an ISIS server from now on. */
import { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import { matchesGlob } from '../../grammar/text/glob.ts';
import { HoldfastError } from '../../model/errors.ts';
import { IMP_TYPES, type ImpType, type IsisMessage } from '../../model/isis-port.ts';
import { isisOf } from './isis.ts';
import { IsisMessageSchema } from './isis-schemas.ts';
import { type Call, route, Streamed } from './route.ts';

/** Messages that may wait for a slow reader; further ones are counted, and the reader is told how many it missed. */
const QUEUE = 10_000;

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
  handle: (call) => new Streamed('application/x-ndjson', watched(call, filterOf(call.query))),
});

type Filter = (message: IsisMessage) => boolean;

function filterOf({ host, type, pattern }: Static<typeof Query>): Filter {
  const types = type?.toLowerCase().split(',');
  const strange = types?.find((one) => !(IMP_TYPES as readonly string[]).includes(one));
  if (strange !== undefined) {
    throw new HoldfastError('HF_BAD_REQUEST', `query.type: '${strange}' is not one of ${IMP_TYPES.join(', ')}`);
  }
  const name = host?.toUpperCase();
  const text = pattern === undefined ? undefined : `*${pattern.toLowerCase()}*`;
  return (message) =>
    (types === undefined || types.includes(message.type satisfies ImpType)) &&
    (name === undefined ||
      matchesGlob(name, message.from.toUpperCase()) ||
      matchesGlob(name, message.to.toUpperCase())) &&
    (text === undefined || matchesGlob(text, `${message.from}>${message.to} ${message.body}`.toLowerCase()));
}

function watched(
  { isis, name, ended }: Pick<Call<unknown, unknown>, 'isis' | 'name' | 'ended'>,
  passes: Filter,
): Readable {
  let queue: IsisMessage[] = [];
  let missed = 0;
  let over = false;
  let wake = (): void => undefined;
  const end = (): void => {
    over = true;
    unwatch();
    wake();
  };
  const unwatch = isisOf(isis, name).watch(
    name,
    (batch, before) => {
      missed += before;
      for (const message of batch) {
        if (passes(message)) {
          if (queue.length < QUEUE) {
            queue.push(message);
          } else {
            missed += 1;
          }
        }
      }
      wake();
    },
    () => end(),
  );
  async function* lines(): AsyncGenerator<string> {
    while (!over) {
      const [batch, lost] = [queue, missed];
      queue = [];
      missed = 0;
      let text = batch.map((message) => `${JSON.stringify(message)}\n`).join('');
      if (lost > 0) {
        text += `${JSON.stringify({ missed: lost })}\n`;
      }
      if (text !== '') {
        yield text;
      }
      if (queue.length === 0 && missed === 0 && !over) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  const stream = Readable.from(lines(), { objectMode: false, highWaterMark: 16384 });
  ended.addEventListener('abort', end, { once: true });
  stream.once('close', end);
  return stream;
}
