/** `GET /v1/events`: the history, and new events as they happen. */
import { Readable } from 'node:stream';
import Type from 'typebox';
import { eventInfo } from '../../model/event-text.ts';
import { type HostEvent, SESSION_EVENTS } from '../../model/events.ts';
import type { EventFilter } from '../../model/host-port.ts';
import { type Call, route, Streamed } from './route.ts';
import { EventSchema } from './schemas.ts';

/** Events that may wait for a slow reader; then the connection is cut, and the reader reconnects with `since`. */
const QUEUE = 1000;

const Query = Type.Object(
  {
    console: Type.Optional(Type.String({ maxLength: 256, description: 'Only events of this console.' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 10000, default: 100, description: 'At most the newest N.' }),
    ),
    since: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Only events with a larger `seq`; all if no event has one that large.',
      }),
    ),
    changes: Type.Optional(Type.Boolean({ description: '`1`: without events about sessions and the keyboard.' })),
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
  async handle(call) {
    const { follow, limit = 100, ...rest } = call.query;
    const filter = { ...rest, limit };
    return follow
      ? new Streamed('application/x-ndjson', followed(call, filter))
      : (await call.host.events(filter)).map(eventInfo);
  },
});

/** History, then news without a gap or a repetition between them. */
function followed(call: Pick<Call<unknown, unknown>, 'host' | 'ended'>, filter: EventFilter): Readable {
  const queue: HostEvent[] = [];
  let wake = (): void => undefined;
  const unsubscribe = call.host.onEvent((event) => {
    const ofConsole = filter.console === undefined || event.console === filter.console;
    if (ofConsole && !(filter.changes && SESSION_EVENTS.has(event.type))) {
      if (queue.length >= QUEUE) {
        stream.destroy(new Error('The reader does not keep up'));
        return;
      }
      queue.push(event);
      wake();
    }
  });
  async function* lines(): AsyncGenerator<string> {
    let last = 0;
    for (const event of await call.host.events(filter)) {
      last = event.seq;
      yield `${JSON.stringify(eventInfo(event))}\n`;
    }
    while (!call.ended.aborted) {
      for (const event of queue.splice(0)) {
        if (event.seq > last) {
          yield `${JSON.stringify(eventInfo(event))}\n`;
        }
      }
      if (queue.length === 0 && !call.ended.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  const stream = Readable.from(lines(), { objectMode: false, highWaterMark: 16384 });
  const end = (): void => {
    unsubscribe();
    wake();
  };
  call.ended.addEventListener('abort', end, { once: true });
  stream.once('close', end);
  return stream;
}
