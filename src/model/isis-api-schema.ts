/** The shapes of model/isis-port.ts as schemas. */
import Type from 'typebox';
import { IMP_TYPES } from './isis-port.ts';

const closed = { additionalProperties: false };
const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC.' });
const Count = Type.Integer({ minimum: 0 });

export const IsisSummarySchema = Type.Object(
  {
    name: Type.String(),
    state: Type.Enum(['starting', 'running', 'waiting', 'stopped']),
    since: Time,
    reason: Type.Optional(Type.String({ description: 'Why it waits.' })),
    id: Type.String({ description: 'Its name in messages.' }),
    address: Type.String(),
    port: Type.Integer(),
    hosts: Count,
    maxHosts: Count,
    log: Type.Optional(Type.String({ description: 'The message log of today.' })),
    source: Type.String({ description: 'The file that configures it.' }),
  },
  closed,
);

export const IsisHostSchema = Type.Object(
  {
    name: Type.String(),
    slot: Count,
    via: Type.Enum(['udp', 'serial']),
    address: Type.String({ description: '`10.0.0.3:10700`, or the device.' }),
    idleSeconds: Type.Number(),
  },
  closed,
);

export const IsisPortsSchema = Type.Object(
  {
    serial: Type.Array(Type.Object({ device: Type.String(), open: Type.Boolean() }, closed)),
    presets: Type.Array(Type.String()),
  },
  closed,
);

export const ImpTypeSchema = Type.Enum([...IMP_TYPES]);

export const IsisMessageSchema = Type.Object(
  {
    time: Time,
    direction: Type.Enum(['received', 'sent']),
    from: Type.String(),
    to: Type.String(),
    type: ImpTypeSchema,
    body: Type.String(),
  },
  closed,
);

export const IsisReplySchema = Type.Object(
  {
    messages: Type.Array(IsisMessageSchema),
    outcome: Type.Enum(['done', 'error', 'fatal', 'pong', 'sent', 'timeout']),
    milliseconds: Type.Number(),
  },
  closed,
);
