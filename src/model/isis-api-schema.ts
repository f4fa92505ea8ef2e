/** The shapes of the control API that concern ISIS servers. Types and documents are made of them, as of api-schema.ts. */
import * as Type from 'typebox';
import { IMP_TYPES } from './isis-port.ts';

const closed = { additionalProperties: false };
const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC.' });
const Count = Type.Integer({ minimum: 0 });

export const IsisSummarySchema = Type.Object(
  {
    name: Type.String(),
    state: Type.Enum(['starting', 'running', 'waiting', 'stopped'], {
      description:
        '`waiting`: it could not be opened, or was told to end (EXEC: QUIT), and is reopened soon; `reason` says which.',
    }),
    since: Time,
    reason: Type.Optional(Type.String()),
    id: Type.String({ description: 'Its name in messages.' }),
    address: Type.String(),
    port: Type.Integer({ description: 'The actual one; while it is not running, the configured one.' }),
    hosts: Count,
    maxHosts: Count,
    log: Type.Optional(Type.String({ description: 'The message log of today; absent: none is kept.' })),
    source: Type.String({ description: 'The file that configures it.' }),
  },
  { ...closed, description: 'One row of `holdfast isis`.' },
);

export const IsisHostSchema = Type.Object(
  {
    name: Type.String(),
    slot: Count,
    via: Type.Enum(['udp', 'serial']),
    address: Type.String({ description: '`10.0.0.3:10700`, or the device.' }),
    idleSeconds: Type.Number(),
  },
  { ...closed, description: 'A host that was heard, and its last address.' },
);

export const IsisPortsSchema = Type.Object(
  {
    serial: Type.Array(Type.Object({ device: Type.String(), open: Type.Boolean() }, closed), {
      description: 'In the order of their numbers; a line that hung up is not open.',
    }),
    presets: Type.Array(Type.String(), { description: 'Addresses that are sent a PING at the start.' }),
  },
  closed,
);

export const ImpTypeSchema = Type.Enum([...IMP_TYPES]);

export const IsisMessageSchema = Type.Object(
  {
    time: Type.String({ format: 'date-time', description: 'With microseconds.' }),
    direction: Type.Enum(['received', 'sent']),
    from: Type.String(),
    to: Type.String(),
    type: ImpTypeSchema,
    body: Type.String({ description: 'With its TYPE word. Bytes that are not UTF-8 are shown as U+FFFD.' }),
  },
  { ...closed, description: 'One message that an ISIS server took or answered.' },
);

export const IsisReplySchema = Type.Object(
  {
    messages: Type.Array(IsisMessageSchema, {
      description: 'STATUS: and WARNING: messages in order, then the one that ended it.',
    }),
    outcome: Type.Enum(['done', 'error', 'fatal', 'pong', 'sent', 'timeout'], {
      description: '`sent`: no answer was waited for; `timeout`: nothing ended it in time.',
    }),
    milliseconds: Type.Number(),
  },
  { ...closed, description: 'The answers to one message.' },
);
