/** `GET /v1/access`: who may do what. */
import * as Type from 'typebox';
import { AccessInfoSchema, OpeningSchema } from '../../model/access-api-schema.ts';
import { route } from './route.ts';

const NAME_CHARACTERS = 1024;

export const access = route({
  method: 'GET',
  path: '/v1/access',
  id: 'access',
  summary:
    'What a user may do to which consoles, by which rules of `[access]`; with `console` also who else may what to it.',
  query: Type.Object(
    {
      user: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: NAME_CHARACTERS,
          description:
            'As one who comes in by the control socket; absent: whoever asks. Others take the right `configure` or `admin`.',
        }),
      ),
      console: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: NAME_CHARACTERS,
          description: 'A console, or `isis.NAME`; absent: all of them, and the server itself.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: { status: 200, schema: AccessInfoSchema },
  handle: ({ host, query }) => host.access(query),
});

export const openings = route({
  method: 'GET',
  path: '/v1/openings',
  id: 'openings',
  summary: 'What is open to many, and rules that open much or name nobody.',
  answer: { status: 200, schema: Type.Array(OpeningSchema) },
  handle: ({ host }) => host.openings(),
});
