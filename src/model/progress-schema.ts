/** The pending state of a console, in its row: a stop in progress, and its readiness condition. */
import * as Type from 'typebox';

const closed = { additionalProperties: false };
const Time = Type.String({ format: 'date-time', description: 'ISO 8601 with milliseconds, UTC.' });

export const StoppingSchema = Type.Object(
  {
    since: Time,
    steps: Type.Array(
      Type.Object(
        {
          afterSeconds: Type.Number({ description: 'After `since`.' }),
          signal: Type.Optional(Type.String({ description: '`SIGTERM`.' })),
          send: Type.Optional(Type.String({ description: 'Text for its terminal.' })),
        },
        { ...closed, description: 'A step of a stop recipe: a signal, or a text.' },
      ),
    ),
  },
  { ...closed, description: 'The stop of a process that is under way: which step is done when.' },
);

export const ReadinessSchema = Type.Object(
  {
    what: Type.String({ description: "`port 5064`, `'epics>' in its output`." }),
    until: Time,
  },
  {
    ...closed,
    description: 'The condition for a process to count as ready, and its deadline; with `running`, it is late.',
  },
);
