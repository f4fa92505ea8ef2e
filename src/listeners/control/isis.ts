/** `/v1/isis`: the ISIS servers of this host, their hosts and ports, and messages to them. */
import * as Type from 'typebox';
import { HoldfastError } from '../../model/errors.ts';
import { IsisHostSchema, IsisPortsSchema, IsisReplySchema, IsisSummarySchema } from '../../model/isis-api-schema.ts';
import type { IsisPort } from '../../model/isis-port.ts';
import { route } from './route.ts';

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

/** For a host that cannot have ISIS servers. */
export function isisOf(isis: IsisPort | undefined, name: string): IsisPort {
  if (!isis) {
    throw new HoldfastError('HF_NO_ISIS', `no ISIS server is named '${name}'`);
  }
  return isis;
}

export const listIsis = route({
  method: 'GET',
  path: '/v1/isis',
  id: 'listIsis',
  summary: 'All ISIS servers of this host.',
  answer: { status: 200, schema: Type.Array(IsisSummarySchema) },
  handle: ({ isis }) => isis?.list() ?? [],
});

export const isisHosts = route({
  method: 'GET',
  path: '/v1/isis/:name/hosts',
  id: 'isisHosts',
  summary: 'The hosts that have spoken to this ISIS server, by slot.',
  answer: { status: 200, schema: Type.Array(IsisHostSchema) },
  handle: ({ isis, name }) => isisOf(isis, name).hosts(name),
});

export const isisPorts = route({
  method: 'GET',
  path: '/v1/isis/:name/ports',
  id: 'isisPorts',
  summary: 'Its serial lines and preset addresses.',
  answer: { status: 200, schema: IsisPortsSchema },
  handle: ({ isis, name }) => isisOf(isis, name).ports(name),
});

export const isisSend = route({
  method: 'POST',
  path: '/v1/isis/:name/send',
  id: 'isisSend',
  summary:
    'Sends a message as the server and returns the replies. To the name of the server itself: a command to it. To `AL`: to everybody, without waiting for replies.',
  body: Type.Object(
    { to: To, text: Type.String({ minLength: 1, maxLength: 4076 }), seconds: Type.Optional(Seconds) },
    closed,
  ),
  answer: { status: 200, schema: IsisReplySchema },
  handle: ({ isis, name, body: { to, text, seconds = SECONDS }, by }) =>
    isisOf(isis, name).send(name, to, text, seconds, by),
});

export const isisPing = route({
  method: 'POST',
  path: '/v1/isis/:name/ping',
  id: 'isisPing',
  summary: 'Sends PING to a host and waits for its PONG.',
  body: Type.Object({ to: To, seconds: Type.Optional(Seconds) }, closed),
  answer: { status: 200, schema: IsisReplySchema },
  handle: ({ isis, name, body: { to, seconds = SECONDS } }) => isisOf(isis, name).ping(name, to, seconds),
});
