/** `GET /v1/audit`: who did what; `GET /v1/audit/verify`: whether that is as it was written. */
import { Readable } from 'node:stream';
import * as Type from 'typebox';
import { OUTCOME_MEANING, type Outcome, type PlacedRecord } from '../../model/audit.ts';
import { AuditVerdictSchema } from '../../model/audit-api-schema.ts';
import { readTime } from './check.ts';
import { route, Streamed } from './route.ts';

const Text = (description: string) => Type.Optional(Type.String({ maxLength: 256, description }));

const Query = Type.Object(
  {
    since: Text('ISO 8601.'),
    until: Text('ISO 8601.'),
    user: Text('Only what this user did, or the person behind that user.'),
    verb: Text('Only this `act`.'),
    console: Text('Only what was done to this console.'),
    outcome: Type.Optional(
      Type.Enum(Object.keys(OUTCOME_MEANING) as Outcome[], { description: 'Only acts with this outcome.' }),
    ),
    before: Type.Optional(Type.Integer({ minimum: 0, description: 'Only lines with a smaller `seq`.' })),
    text: Text('Only lines whose text for people contains this, in upper or lower case.'),
    rows: Type.Optional(
      Type.Boolean({
        description: 'Omits the lines that begin a file, and the start of an act whose outcome is in a later line.',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'At most the newest N.' })),
  },
  { additionalProperties: false },
);

export const audit = route({
  method: 'GET',
  path: '/v1/audit',
  id: 'audit',
  summary: 'Who did what, oldest first: one JSON document a line (docs/reference/audit.md), with `file` and `line`.',
  query: Query,
  answer: { status: 200, types: ['application/x-ndjson'] },
  async handle({ host, mustKeep, query: { since, until, ...rest } }) {
    const records = host.audit
      .records(
        {
          ...rest,
          ...(since === undefined ? {} : { since: readTime(since, 'query.since') }),
          ...(until === undefined ? {} : { until: readTime(until, 'query.until') }),
        },
        mustKeep,
      )
      [Symbol.asyncIterator]();
    // Failures are reported while a status can still be sent.
    const first = await records.next();
    const stream = Readable.from(linesOf(first, records), { objectMode: false });
    // Also if nothing of it was read: its files are open.
    stream.once('close', () => void records.return?.());
    return new Streamed('application/x-ndjson', stream);
  },
});

export const verifyAudit = route({
  method: 'GET',
  path: '/v1/audit/verify',
  id: 'verifyAudit',
  summary: 'Whether any line of the audit was changed, removed or inserted.',
  answer: { status: 200, schema: AuditVerdictSchema },
  handle: ({ host, mustKeep }) => host.audit.verify(mustKeep),
});

async function* linesOf(
  first: IteratorResult<PlacedRecord>,
  rest: AsyncIterator<PlacedRecord>,
): AsyncGenerator<string> {
  for (let next = first; !next.done; next = await rest.next()) {
    const { file, line, record } = next.value;
    yield `${JSON.stringify({ ...record, file, line })}\n`;
  }
}
