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
          'The issuer URL of the provider, exactly as in its configuration (`/.well-known/openid-configuration` below it). `http://` only on a loopback address. Required, as are `client_id` and `url` of `[network]`.',
        examples: ['https://sso.example.org/realms/site'],
      }),
    ),
    client_id: Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description:
          'The client id of this host at the provider, registered with the redirect URI `URL/login/callback` (`url` of `[network]`).',
        examples: ['holdfast'],
      }),
    ),
    client_secret_file: Optional(
      Path({
        description:
          'File with the client secret, not readable by everyone. A changed one is picked up as for `key`. Without it: a public client.',
        examples: ['/etc/holdfast/oidc-secret'],
      }),
    ),
    scopes: Optional(
      Type.Array(Type.String({ pattern: '^[!#-\\[\\]-~]+$', title: 'a scope' }), {
        description: 'The scopes to request; `openid` always is.',
        default: ['openid', 'profile'],
        examples: [['openid', 'profile', 'groups']],
      }),
    ),
    user_claim: Optional(
      Claim({
        description: 'Claim with the user name, in the ID token or in the userinfo of the provider.',
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
