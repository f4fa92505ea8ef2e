/** `POST /v1/login`: the gateway asks who somebody is. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { PrincipalSchema } from '../../model/api-schema.ts';
import { HoldfastError } from '../../model/errors.ts';
import type { Proof } from '../../model/login-port.ts';
import { route } from './route.ts';

const closed = { additionalProperties: false };
const Shown = Type.Optional(Type.String({ maxLength: 4096 }));

const LoginBody = Type.Object(
  {
    method: Type.Enum(['token', 'login-link', 'password', 'certificate', 'oidc', 'proxy']),
    token: Shown,
    user: Shown,
    password: Shown,
    subject: Shown,
    fingerprint: Shown,
    issuer: Shown,
    fault: Shown,
    remains: Type.Optional(Type.Literal(true)),
    groups: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 1024 })),
    address: Type.String({ minLength: 1, maxLength: 64, description: 'Of the client.' }),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  },
  closed,
);

/** The credentials of each method. */
const NEEDED = {
  token: ['token'],
  'login-link': ['token'],
  password: ['user', 'password'],
  certificate: ['subject', 'fingerprint'],
  oidc: ['issuer', 'user', 'groups'],
  proxy: ['user'],
} as const satisfies Record<Proof['method'], readonly (keyof Static<typeof LoginBody>)[]>;

const FAULT = ['issuer'] as const;
const REMAINS = ['user'] as const;

export const login = route({
  method: 'POST',
  path: '/v1/login',
  id: 'login',
  summary:
    'For the gateway alone: who somebody is that shows a token, a password or a certificate, or for whom a proxy or a provider of the configuration speaks. `fault`: that such a login came to nothing. `remains`: whether the account of somebody who logged in with a password is still good.',
  body: LoginBody,
  answer: {
    status: 200,
    schema: Type.Object({ principal: PrincipalSchema, expires: Type.String({ format: 'date-time' }) }, closed),
  },
  handle({ logins, body: { address, port, ...shown } }) {
    if (logins === undefined) {
      throw new HoldfastError('HF_FORBIDDEN', 'only the gateway of this server asks who somebody is');
    }
    const needed = shown.fault !== undefined ? FAULT : shown.remains ? REMAINS : NEEDED[shown.method];
    const missing = needed.find((key) => shown[key] === undefined);
    if (missing !== undefined) {
      throw new HoldfastError('HF_BAD_REQUEST', `body.${missing}: missing`);
    }
    return logins.login(shown as Proof, { address, ...(port === undefined ? {} : { port }) });
  },
});
