/** The shapes of `GET /v1/plan` and `POST /v1/apply`. Types are made of them as of api-schema.ts. */
import * as Type from 'typebox';
import { ConfigProblemSchema, FailedStepSchema, PlanStepSchema, UnopenedSchema } from './api-schema.ts';
import { PlaceSchema } from './config-api-schema.ts';

const closed = { additionalProperties: false };

export const ServerChangeSchema = Type.Object(
  {
    key: Type.String({ description: 'Of `[server]`.' }),
    effect: Type.Enum(['live', 'server', 'holder'], {
      description: 'At once, or with the next start of the server (no process is touched) or of the holder (all stop).',
    }),
  },
  { ...closed, description: 'A key of `[server]` that differs from what is in force.' },
);

export const PlanDifferenceSchema = Type.Object(
  {
    console: Type.String(),
    path: Type.Array(Type.String(), { description: '`["log", "size"]`.' }),
    from: Type.Optional(Type.Unknown({ description: 'In force, as it was written; absent: not set.' })),
    to: Type.Optional(Type.Unknown({ description: 'In the files; absent: not set.' })),
    place: Type.Optional({
      ...PlaceSchema,
      description: 'Where the files set it; absent: it is the default, or was removed.',
    }),
    hidden: Type.Optional(
      Type.Boolean({
        description: 'Its name says that it is a secret: neither value is shown as written. Absent: both are.',
      }),
    ),
  },
  { ...closed, description: 'A value of a console that differs between the files and what is in force.' },
);

export const PlanSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        description:
          'For a plan from the files of the server: an apply with this id makes exactly these changes, or is refused (`HF_PLAN_CHANGED`).',
      }),
    ),
    steps: Type.Array(PlanStepSchema, { description: 'Of an apply: what was done.' }),
    failed: Type.Optional(
      Type.Array(FailedStepSchema, {
        description:
          'Of an apply: the steps that could not be done. They are in the plan still; `steps` are those that were done.',
      }),
    ),
    server: Type.Array(ServerChangeSchema, { description: 'Only what is `live` is applied.' }),
    problems: Type.Array(ConfigProblemSchema),
    differences: Type.Optional(
      Type.Array(PlanDifferenceSchema, {
        description:
          'Of a plan by the files of the server: the values behind the `keys` of `steps`. A key has none where what differs is not written in these files: what is in an `env_file`, a user of this system.',
      }),
    ),
    warnings: Type.Optional(
      Type.Array(ConfigProblemSchema, {
        description:
          'About what is left out: folders of consoles that cannot be read, or whose name a console cannot have.',
      }),
    ),
    unopened: Type.Optional(
      Type.Array(Type.Object({ console: Type.String(), ...UnopenedSchema.properties }, closed), {
        description: 'Endpoints of existing consoles that could not be opened; opening them is retried.',
      }),
    ),
  },
  {
    ...closed,
    description: 'The differences between the files and the running configuration. With problems there are no steps.',
  },
);
