/** `GET /v1/consoles/:name/log`: the bytes of a console's log, rotated and packed files included. */
import { Readable } from 'node:stream';
import * as Type from 'typebox';
import { closeParts, openParts } from '../../logs/log-parts.ts';
import { mustBeReadable, readLog } from '../../logs/read-log.ts';
import type { LogQuery } from '../../model/host-port.ts';
import { readTime } from './check.ts';
import { route, Streamed } from './route.ts';

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
    const { name, host, clock, ended, mustKeep } = call;
    const { tail, since, until, follow = false } = call.query;
    const range: LogQuery = {
      follow,
      ...(tail === undefined ? {} : { tail }),
      ...(since === undefined ? {} : { since: readTime(since, 'query.since') }),
      ...(until === undefined ? {} : { until: readTime(until, 'query.until') }),
    };
    const files = () => host.logFiles(name);
    // Unreadable files are reported while there is still a status to report with.
    const parts = await openParts(files(), mustKeep);
    await mustBeReadable(parts, range).finally(() => closeParts(parts));
    return new Streamed(
      'text/plain',
      Readable.from(readLog(files, range, { clock, ended, mustKeep }), { objectMode: false }),
    );
  },
});
