/** The shapes of `GET /v1/config`. Types are made of them as of api-schema.ts. */
import * as Type from 'typebox';
import { RightSchema } from './api-schema.ts';
import { ANY_NAME, TableOf } from './table-of.ts';

const closed = { additionalProperties: false };

export const PlaceSchema = Type.Object(
  { file: Type.String(), line: Type.Integer() },
  { ...closed, description: 'A place in the files of a configuration.' },
);

export const EffectiveKeySchema = Type.Object(
  {
    path: Type.Array(Type.String(), { description: '`["log", "size"]`.' }),
    value: Type.Unknown({ description: 'As written in the file.' }),
    place: Type.Optional({ ...PlaceSchema, description: 'Where it is given; absent: it is the default.' }),
    hidden: Type.Optional(
      Type.Boolean({ description: 'By its name it is a secret: `value` is not what is in the file. Absent: it is.' }),
    ),
  },
  { ...closed, description: 'One value that holds for a console.' },
);

export const RunningConsoleSchema = Type.Object(
  {
    name: Type.String(),
    place: { ...PlaceSchema, description: 'Of its table, or of what found it.' },
    foundIn: Type.Optional(
      Type.String({ description: 'The folder of the `[discover.NAME]` that found it; absent: it is in a file.' }),
    ),
    templates: Type.Array(Type.String(), { description: 'That it builds on, nearest first.' }),
    keys: Type.Array(EffectiveKeySchema, { description: 'In the order of the reference page.' }),
    description: Type.String(),
    endpoints: Type.Array(Type.String(), { description: 'As they are opened, with absolute paths.' }),
    bounded: Type.Optional(
      TableOf(ANY_NAME, Type.Array(RightSchema), {
        description: 'Those of `endpoints` where nobody may do more than this; absent: none.',
      }),
    ),
  },
  { ...closed, description: 'The configuration that is in force for a console.' },
);

export const RunningConfigSchema = Type.Object(
  {
    files: Type.Array(Type.String(), { description: 'That were read, in order.' }),
    consoles: Type.Array(RunningConsoleSchema, { description: 'In the order of the files.' }),
  },
  { ...closed, description: 'The configuration that is in force, whatever the files say by now.' },
);
