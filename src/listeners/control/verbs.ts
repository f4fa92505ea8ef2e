/**
 * Verbs that change a console's state: start, stop, restart, release, signal, hold. All answer with the resulting
 * console.
 */
import { constants } from 'node:os';
import * as Type from 'typebox';
import { SummarySchema } from '../../model/api-schema.ts';
import { HoldfastError } from '../../model/errors.ts';
import { readTime } from './check.ts';
import { type Route, route } from './route.ts';

export const Reason = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 1000,
    description: 'Why, for the history, the audit, and rules that ask for it.',
  }),
);
/** Of a verb with nothing else to say. */
export const ReasonOnly = Type.Object({ reason: Reason }, { additionalProperties: false });

export const start = plain('start', 'Starts the process, or connects the source.');
export const stop = plain('stop', 'Stops the process by its recipe, or disconnects the source.');
export const restart = plain('restart', 'Stops and starts the process.');
export const release = plain('release', 'Ends a hold; the process starts if it was wanted.');

export const signal = route({
  ...verb('signal', 'Sends a signal to the process.'),
  body: Type.Object(
    {
      signal: Type.Union([Type.Integer({ minimum: 1, maximum: 64 }), Type.String({ maxLength: 16 })], {
        description: 'Number or name: `15`, `TERM`, `SIGTERM`.',
      }),
      reason: Reason,
    },
    { additionalProperties: false },
  ),
  handle: ({ host, name, body }) => host.signal(name, signalNumber(body.signal), body.reason),
});

export const hold = route({
  ...verb('hold', 'Stops the process on purpose and keeps it stopped.'),
  body: Type.Object(
    {
      reason: Type.String({ minLength: 1, maxLength: 1000 }),
      until: Type.Optional(Type.String({ maxLength: 64, description: 'ISO 8601; absent: until released.' })),
    },
    { additionalProperties: false },
  ),
  handle({ host, clock, name, body }) {
    const until = body.until === undefined ? undefined : readTime(body.until, 'body.until');
    if (until !== undefined && until <= clock.now()) {
      throw new HoldfastError('HF_BAD_REQUEST', `body.until: ${body.until} is in the past`);
    }
    return host.hold(name, body.reason, until);
  },
});

function verb(id: string, summary: string) {
  return {
    method: 'POST',
    path: `/v1/consoles/:name/${id}`,
    id,
    summary,
    answer: { status: 202, schema: SummarySchema },
  } as const;
}

function plain(id: 'start' | 'stop' | 'restart' | 'release', summary: string): Route {
  return route({
    ...verb(id, summary),
    body: ReasonOnly,
    handle: ({ host, name, body: { reason } }) => host[id](name, reason),
  });
}

function signalNumber(given: number | string): number {
  if (typeof given === 'number') {
    return given;
  }
  const name = given.toUpperCase();
  const numbers = constants.signals as Readonly<Record<string, number>>;
  const found = name.startsWith('SIG') ? name : `SIG${name}`;
  if (!Object.hasOwn(numbers, found)) {
    throw new HoldfastError('HF_BAD_REQUEST', `body.signal: there is no signal "${given}"`);
  }
  return numbers[found] as number;
}
