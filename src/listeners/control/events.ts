/** `GET /v1/events`: the history, and new events as they happen. */
import { Readable } from 'node:stream';
import * as Type from 'typebox';
import { EventSchema } from '../../model/api-schema.ts';
import { HoldfastError } from '../../model/errors.ts';
import { EVENT_MEANING, type EventType } from '../../model/events.ts';
import { EVENTS_LIMIT, type EventFilter } from '../../model/host-port.ts';
import { readTime } from './check.ts';
import { type Call, route, Streamed } from './route.ts';

const Text = (description: string) => Type.Optional(Type.String({ maxLength: 256, description }));

const Query = Type.Object(
  {
    console: Type.Optional(Type.String({ maxLength: 256, description: 'Only events of this console.' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 10000, default: EVENTS_LIMIT, description: 'At most the newest N.' }),
    ),
    since: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Only events with a larger `seq`; all if no event has one that large.',
      }),
    ),
    changes: Type.Optional(Type.Boolean({ description: '`1`: without events about sessions and the keyboard.' })),
    before: Type.Optional(Type.Integer({ minimum: 0, description: 'Only events with a smaller `seq`.' })),
    types: Text('Only those of these types, with commas between.'),
    user: Text('Only those by this user, or by the person acting as that user.'),
    from: Text('ISO 8601.'),
    until: Text('ISO 8601.'),
    text: Text(
      'Only those that contain this, in upper or lower case: what happened, to which console, by whom, and why.',
    ),
    follow: Type.Optional(Type.Boolean({ description: '`1`: continue with new events, one JSON document per line.' })),
  },
  { additionalProperties: false },
);

export const events = route({
  method: 'GET',
  path: '/v1/events',
  id: 'events',
  summary: 'The newest matching events, oldest first.',
  query: Query,
  answer: { status: 200, schema: Type.Array(EventSchema), types: ['application/x-ndjson'] },
  handle(call) {
    const { follow, from, types, until, ...rest } = call.query;
    const filter: EventFilter = {
      ...rest,
      ...(types === undefined ? {} : { types: readTypes(types) }),
      ...(from === undefined ? {} : { from: readTime(from, 'query.from') }),
      ...(until === undefined ? {} : { until: readTime(until, 'query.until') }),
    };
    return follow ? new Streamed('application/x-ndjson', followed(call, filter)) : call.host.events(filter);
  },
});

function readTypes(text: string): readonly EventType[] {
  const types = text.split(',');
  const wrong = types.find((type) => !Object.hasOwn(EVENT_MEANING, type));
  if (wrong !== undefined) {
    throw new HoldfastError('HF_BAD_REQUEST', `query.types: unknown type "${wrong.slice(0, 64)}"`);
  }
  return types as EventType[];
}

function followed({ host, ended }: Pick<Call<unknown, unknown>, 'host' | 'ended'>, filter: EventFilter): Readable {
  const over = new AbortController();
  const end = (): void => over.abort();
  // A reader that lags too far is cut off even while its socket is full, and reconnects with `since`.
  const events = host.followEvents(filter, over.signal, () => stream.destroy(new Error('The reader does not keep up')));
  async function* lines(): AsyncGenerator<string> {
    for await (const event of events) {
      yield `${JSON.stringify(event)}\n`;
    }
  }
  const stream = Readable.from(lines(), { objectMode: false, highWaterMark: 16384 });
  ended.addEventListener('abort', end, { once: true });
  stream.once('close', end);
  return stream;
}
