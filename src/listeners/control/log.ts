/** `GET /v1/consoles/:name/log`: the bytes of a console's log, rotated and packed files included. */
import { Readable } from 'node:stream';
import Type from 'typebox';
import { followLog } from '../../logs/log-follower.ts';
import { closeParts, openParts } from '../../logs/log-parts.ts';
import { readRange } from '../../logs/log-range.ts';
import type { LogFiles, LogRange } from '../../model/host-port.ts';
import { readTime } from './check.ts';
import { type Call, route, Streamed } from './route.ts';

const Query = Type.Object(
  {
    tail: Type.Optional(Type.Integer({ minimum: 0, description: 'Only the last N matching lines.' })),
    since: Type.Optional(
      Type.String({
        description:
          'ISO 8601. By the ISO time at the start of a line, otherwise that of the last line that had one, otherwise by the times of the file.',
      }),
    ),
    until: Type.Optional(
      Type.String({ description: 'ISO 8601; as `since`. With `follow`, applies to existing output.' }),
    ),
    follow: Type.Optional(Type.Boolean({ description: '`1`: continue with new output, across rotation.' })),
  },
  { additionalProperties: false },
);

export const log = route({
  method: 'GET',
  path: '/v1/consoles/:name/log',
  id: 'log',
  summary: 'The bytes of the log, oldest first.',
  query: Query,
  answer: { status: 200, types: ['text/plain'] },
  async handle(call) {
    const { tail, since, until, follow } = call.query;
    const range: LogRange = {
      ...(tail === undefined ? {} : { tail }),
      ...(since === undefined ? {} : { since: readTime(since, 'query.since') }),
      ...(until === undefined ? {} : { until: readTime(until, 'query.until') }),
    };
    const files = call.host.logFiles(call.name);
    // Unreadable files are reported while there is still a status to report with.
    closeParts(await openParts(files, call.mustKeep));
    return new Streamed('text/plain', Readable.from(bytes(call, files, range, follow ?? false), { objectMode: false }));
  },
});

async function* bytes(
  { clock, mustKeep, ended }: Call<unknown, unknown>,
  files: LogFiles,
  range: LogRange,
  follow: boolean,
): AsyncGenerator<Buffer> {
  const parts = await openParts(files, mustKeep);
  // The current file stays open for the follower.
  const current = follow && parts.at(-1)?.suffix === '' ? parts.at(-1) : undefined;
  let following = false;
  try {
    yield* readRange(parts, range);
    following = follow;
  } finally {
    closeParts(following ? parts.filter((part) => part !== current) : parts);
  }
  if (follow) {
    yield* followLog({ file: current?.file, position: current?.size ?? 0 }, files, clock, ended);
  }
}
