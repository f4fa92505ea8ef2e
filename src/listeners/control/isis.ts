/** `/v1/isis`: the ISIS servers of this host, their hosts and ports, and messages to them. */
import * as Type from 'typebox';
import { IsisHostSchema, IsisPortsSchema, IsisReplySchema, IsisSummarySchema } from '../../model/isis-api-schema.ts';
import { route } from './route.ts';
import { Reason } from './verbs.ts';

const closed = { additionalProperties: false };
/** Name of a host in messages. */
const To = Type.String({ minLength: 1, maxLength: 8, description: 'Name of the host.' });
const Seconds = Type.Integer({
  minimum: 0,
  maximum: 3600,
  default: 10,
  description: 'How long to wait for a reply.',
});
const SECONDS = 10;

export const listIsis = route({
  method: 'GET',
  path: '/v1/isis',
  id: 'listIsis',
  summary: 'All ISIS servers of this host.',
  answer: { status: 200, schema: Type.Array(IsisSummarySchema) },
  handle: ({ host }) => host.isis.list(),
});

export const isisHosts = route({
  method: 'GET',
  path: '/v1/isis/:name/hosts',
  id: 'isisHosts',
  summary: 'The hosts that have spoken to this ISIS server, by slot.',
  answer: { status: 200, schema: Type.Array(IsisHostSchema) },
  handle: ({ host, name }) => host.isis.hosts(name),
});

export const isisPorts = route({
  method: 'GET',
  path: '/v1/isis/:name/ports',
  id: 'isisPorts',
  summary: 'Its serial lines and preset addresses.',
  answer: { status: 200, schema: IsisPortsSchema },
  handle: ({ host, name }) => host.isis.ports(name),
});

export const isisSend = route({
  method: 'POST',
  path: '/v1/isis/:name/send',
  id: 'isisSend',
  summary:
    'Sends a message as the server and returns the replies. To the name of the server itself: a command to it. To `AL`: to everybody, without waiting for replies.',
  body: Type.Object(
    { to: To, text: Type.String({ minLength: 1, maxLength: 4076 }), seconds: Type.Optional(Seconds), reason: Reason },
    closed,
  ),
  answer: { status: 200, schema: IsisReplySchema },
  handle: ({ host, name, body: { to, text, seconds = SECONDS, reason } }) =>
    host.isis.send(name, to, text, seconds, reason),
});

export const isisPing = route({
  method: 'POST',
  path: '/v1/isis/:name/ping',
  id: 'isisPing',
  summary: 'Sends PING to a host and waits for its PONG.',
  body: Type.Object({ to: To, seconds: Type.Optional(Seconds) }, closed),
  answer: { status: 200, schema: IsisReplySchema },
  handle: ({ host, name, body: { to, seconds = SECONDS } }) => host.isis.ping(name, to, seconds),
});
