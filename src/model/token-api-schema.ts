/** The shapes of tokens in the control API. */
import * as Type from 'typebox';
import { closed, RightSchema, Time } from './api-schema.ts';

const TokenId = Type.String({ description: 'Its name, which is not a secret.' });

const token = {
  id: TokenId,
  user: Type.String({ description: 'The user of the token.' }),
  may: Type.Optional(
    Type.Array(RightSchema, { description: 'The most rights that it gives. Absent: all that its user has.' }),
  ),
  on: Type.Optional(
    Type.Array(Type.String(), {
      description: 'The only consoles that it is for: names, patterns, `@group`. Absent: all, and the server itself.',
    }),
  ),
  once: Type.Optional(
    Type.Boolean({
      description: 'It logs a browser in, once, and is good for nothing else. Absent: it is a token like others.',
    }),
  ),
  until: Time,
  label: Type.Optional(Type.String({ description: 'Its purpose, as its creator put it.' })),
  createdBy: Type.String(),
  createdAt: Time,
  lastUsed: Type.Optional(Type.String({ format: 'date', description: 'Day, UTC. Absent: never.' })),
};

export const TokenSchema = Type.Object(token, { ...closed, description: 'A token, without what makes it one.' });

export const NewTokenSchema = Type.Object(
  { ...token, token: Type.String({ description: 'The token itself: it is said this once.' }) },
  { ...closed, description: 'A token that was made.' },
);
