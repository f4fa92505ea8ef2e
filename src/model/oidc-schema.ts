/** `[network.oidc]`: the single sign-on of the site, as written. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { closed, Path } from './config-forms.ts';

const Optional = Type.Optional;

const Claim = (words: { description: string; default: string; examples: string[] }) =>
  Type.String({ pattern: '^[^.\\s]+(\\.[^.\\s]+)*$', title: 'a claim (NAME, or a path such as NAME.NAME)', ...words });

export const OidcSchema = Type.Object(
  {
    issuer: Optional(
      Type.String({
        pattern: '^https?://[^\\s?#]+$',
        title: 'a URL (https://...)',
        description:
          'The provider, as its own configuration (`/.well-known/openid-configuration` below it) names it. `http://` only on a loopback address. Required, as are `client_id` and `url` of `[network]`.',
        examples: ['https://sso.example.org/realms/site'],
      }),
    ),
    client_id: Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description:
          'As which this host is registered there, with `URL/login/callback` as the address to return to (`url` of `[network]`).',
        examples: ['holdfast'],
      }),
    ),
    client_secret_file: Optional(
      Path({
        description:
          'File with the secret of that registration, not readable by everybody. Followed as `key` is. Without it: a public client.',
        examples: ['/etc/holdfast/oidc-secret'],
      }),
    ),
    scopes: Optional(
      Type.Array(Type.String({ pattern: '^[!#-\\[\\]-~]+$', title: 'a scope' }), {
        description: 'What is asked for; `openid` always is.',
        default: ['openid', 'profile'],
        examples: [['openid', 'profile', 'groups']],
      }),
    ),
    user_claim: Optional(
      Claim({
        description: 'Claim with the name of the user, of the ID token or of what the provider says of the user.',
        default: 'preferred_username',
        examples: ['email'],
      }),
    ),
    groups_claim: Optional(
      Claim({
        description:
          "Claim with the user's groups, a list of texts or one text: `@group` in rules, besides the groups of this system. At most 256 groups and 6 KiB.",
        default: 'groups',
        examples: ['realm_access.roles'],
      }),
    ),
    ca: Optional(
      Path({
        description:
          'PEM file with the authorities that certify the provider. Without it: those that come with Node.js.',
        examples: ['/etc/holdfast/tls/site-ca.pem'],
      }),
    ),
  },
  {
    ...closed,
    title: 'a table',
    description:
      'The single sign-on of the site, an OpenID Connect provider (Keycloak, Entra ID, Authelia, ...): a way to log in with a browser, at `/login`.',
    examples: [{ issuer: 'https://sso.example.org/realms/site', client_id: 'holdfast' }],
  },
);

export type OidcTable = Static<typeof OidcSchema>;
