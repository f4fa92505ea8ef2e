/** The shapes of the control API that concern the audit. */
import * as Type from 'typebox';
import { PrincipalSchema, RightSchema } from './api-schema.ts';
import { AUDIT_ACT_MEANING, OUTCOME_MEANING } from './audit.ts';
import { VERBS } from './rights.ts';
import { ANY_NAME, TableOf } from './table-of.ts';

const closed = { additionalProperties: false };
const Count = Type.Integer({ minimum: 0 });
const ACTS = [...Object.keys(VERBS), ...Object.keys(AUDIT_ACT_MEANING)];

export const AuditLineSchema = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    time: Type.String({ format: 'date-time', description: 'ISO 8601, UTC.' }),
    act: Type.Enum(ACTS, { description: 'The act.' }),
    outcome: Type.Enum(Object.keys(OUTCOME_MEANING), { description: 'Its outcome.' }),
    by: PrincipalSchema,
    console: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    right: Type.Optional(RightSchema),
    error: Type.Optional(Type.Object({ code: Type.Optional(Type.String()), message: Type.String() }, closed)),
    details: Type.Optional(TableOf(ANY_NAME, Type.Unknown())),
    torn: Type.Optional(Type.Integer({ minimum: 1, description: 'Bytes before it that are not a line.' })),
    missed: Type.Optional(Type.Integer({ minimum: 1, description: 'Lines before it that could not be written.' })),
    prev: Type.String({ description: 'SHA-256 of the line before, hexadecimal.' }),
    file: Type.String({ description: 'Where it stands.' }),
    line: Type.Integer({ minimum: 1 }),
  },
  { ...closed, description: 'One line of the audit.' },
);

export const AuditVerdictSchema = Type.Object(
  {
    files: Count,
    lines: Count,
    first: Type.Optional(Type.Integer({ description: 'Number of the oldest line.' })),
    last: Type.Optional(Type.Integer({ description: 'Number of the newest line.' })),
    broken: Type.Optional(
      Type.Object(
        { file: Type.String(), line: Count, what: Type.String() },
        { ...closed, description: 'The first place at which the chain does not hold.' },
      ),
    ),
    torn: Type.Integer({ minimum: 0, description: 'Lines that were torn, as the next one says.' }),
    missed: Type.Integer({ minimum: 0, description: 'Lines that could not be written, as others say.' }),
    anchored: Type.Boolean({ description: 'The newest line was compared with what the server knows.' }),
  },
  { ...closed, description: 'Whether the chain of the audit holds.' },
);
