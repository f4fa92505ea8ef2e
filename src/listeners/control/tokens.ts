/** `/v1/tokens`: one's own, and with the right to it those of others. */
import * as Type from 'typebox';
import { RightSchema } from '../../model/api-schema.ts';
import { NewTokenSchema, TokenSchema } from '../../model/token-api-schema.ts';
import { LONGEST_TOKEN_SECONDS } from '../../model/token-port.ts';
import { route } from './route.ts';
import { Reason, ReasonOnly } from './verbs.ts';

const closed = { additionalProperties: false };

export const createToken = route({
  method: 'POST',
  path: '/v1/tokens',
  id: 'createToken',
  summary: 'Makes a token. The answer is the only one that has the token itself.',
  body: Type.Object(
    {
      user: Type.Optional(
        Type.String({ minLength: 1, maxLength: 64, description: 'Whose it is. Absent: that of whoever asks.' }),
      ),
      may: Type.Optional(
        Type.Array(RightSchema, {
          minItems: 1,
          maxItems: 32,
          description: 'The most rights that it gives. Absent: all that its user has.',
        }),
      ),
      on: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 128, pattern: '^[!-~]+$' }), {
          minItems: 1,
          maxItems: 32,
          description:
            'The only consoles that it is for: names, patterns, `@group`; `isis.NAME` for ISIS servers. Absent: all, and the server itself.',
        }),
      ),
      once: Type.Optional(
        Type.Boolean({
          description: 'It logs a browser in, once, at `/login/once#TOKEN`, and is good for nothing else.',
        }),
      ),
      seconds: Type.Integer({ minimum: 1, maximum: LONGEST_TOKEN_SECONDS, description: 'How long it is valid.' }),
      label: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'What it is for.' })),
      reason: Reason,
    },
    closed,
  ),
  answer: { status: 200, schema: NewTokenSchema },
  handle: ({ host, body: { reason, ...request } }) => host.tokens.create(request, reason),
});

export const listTokens = route({
  method: 'GET',
  path: '/v1/tokens',
  id: 'listTokens',
  summary: 'Tokens, without what makes them some: those of whoever asks, and with the right `admin` all.',
  answer: { status: 200, schema: Type.Array(TokenSchema) },
  handle: ({ host }) => host.tokens.list(),
});

export const revokeToken = route({
  method: 'POST',
  path: '/v1/tokens/:name/revoke',
  id: 'revokeToken',
  summary: 'Ends a token, by its id.',
  body: ReasonOnly,
  answer: { status: 200, schema: TokenSchema },
  handle: ({ host, name, body: { reason } }) => host.tokens.revoke(name, reason),
});
