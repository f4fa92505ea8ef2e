/** `POST /v1/search`: the lines of logs that match, merged by time, rotated and packed files included. */
import { Readable } from 'node:stream';
import * as Type from 'typebox';
import { inLogProcess, mustHaveRoom } from '../../logs/log-process.ts';
import { searchJob } from '../../logs/search-host.ts';
import { readTime } from './check.ts';
import { route, Streamed } from './route.ts';

const Lines = (description: string) => Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, description }));

const Body = Type.Object(
  {
    pattern: Type.String({ maxLength: 4096, description: 'A regular expression of JavaScript, with its flag `u`.' }),
    fixed: Type.Optional(Type.Boolean({ description: '`pattern` is plain text.' })),
    ignoreCase: Type.Optional(Type.Boolean()),
    before: Lines('Lines of context before each match.'),
    after: Lines('Lines of context after each match.'),
    tail: Lines('Only the last N lines, those of context included. They come when all is searched.'),
    timed: Type.Optional(Type.Boolean({ description: 'Only lines whose time is known.' })),
    since: Type.Optional(Type.String({ description: 'ISO 8601; as for a log.' })),
    until: Type.Optional(Type.String({ description: 'ISO 8601; as for a log.' })),
    consoles: Type.Optional(Type.Array(Type.String(), { description: 'Names. Absent: all consoles.' })),
  },
  { additionalProperties: false },
);

export const search = route({
  method: 'POST',
  path: '/v1/search',
  id: 'search',
  summary: 'The lines of logs that match a pattern, merged by time.',
  body: Body,
  answer: { status: 200, types: ['application/x-ndjson'] },
  async handle({ body, ended, host }) {
    const { since, until, ...rest } = body;
    const job = await searchJob(host, {
      ...rest,
      ...(since === undefined ? {} : { since: readTime(since, 'body.since') }),
      ...(until === undefined ? {} : { until: readTime(until, 'body.until') }),
    });
    mustHaveRoom();
    return new Streamed('application/x-ndjson', Readable.from(inLogProcess(job, [], ended), { objectMode: false }));
  },
});
