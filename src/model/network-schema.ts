/** `[network]`: the control API over TLS, as written. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { closed, Duration, Path } from './config-forms.ts';
import { OidcSchema } from './oidc-schema.ts';

const Optional = Type.Optional;

/** Ways to log in besides a certificate of `client_ca`. */
export const LOGIN_METHODS = ['password', 'token'] as const;

export const NetworkSchema = Type.Object(
  {
    listen: Optional(
      Type.Array(
        Type.String({
          pattern: '^(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+\\]):\\d{1,5}$',
          title: 'ADDRESS:PORT (an IPv4 address, or an IPv6 address in brackets)',
        }),
        {
          minItems: 1,
          description:
            'Addresses to listen on; `0.0.0.0` and `[::]` are all of them. Required, as are `certificate`, `key` and the section `[access]`.',
          examples: [['0.0.0.0:7633'], ['10.0.1.7:7633', '[2001:db8::7]:7633']],
        },
      ),
    ),
    certificate: Optional(
      Path({
        description:
          'PEM file with the certificate of this host and the intermediate ones up to its authority. `holdfast certificate init` makes one. A renewed one is taken up by itself, within a minute, and with a reload. A relative path is below the folder of this file.',
        examples: ['/etc/holdfast/tls/host.pem'],
      }),
    ),
    key: Optional(
      Path({
        description: 'PEM file with its key. It may not be readable by everybody.',
        examples: ['/etc/holdfast/tls/host.key'],
      }),
    ),
    client_ca: Optional(
      Path({
        description: 'PEM file with the authorities whose certificates people may log in with. Without it: none.',
        examples: ['/etc/holdfast/tls/people-ca.pem'],
      }),
    ),
    login: Optional(
      Type.Array(Type.Enum([...LOGIN_METHODS]), {
        description:
          'Ways to log in, besides a certificate of `client_ca`: `password` (by PAM, service `holdfast`), `token`.',
        default: ['password', 'token'],
        examples: [['token']],
      }),
    ),
    url: Optional(
      Type.String({
        pattern: '^https://([A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+\\])(:\\d{1,5})?/?$',
        title: 'a URL (https://HOST or https://HOST:PORT)',
        description:
          'What people type into their browser. Required for `[network.oidc]`, and where that is not a name of `certificate`: the address of the reverse proxy. Requests for other hosts, or from pages of other hosts, are refused.',
        examples: ['https://control.example.org', 'https://ioc1.example.org:7633'],
      }),
    ),
    session: Optional(
      Duration({
        description:
          'How long a login without a token holds: with a password, a certificate, or the single sign-on of the site. A browser that shows nothing for an hour has to log in again before.',
        default: '12h',
        examples: ['8h'],
      }),
    ),
    oidc: Optional(OidcSchema),
    user: Optional(
      Type.String({
        minLength: 1,
        description:
          'User without any rights that `holdfast-gateway` runs as, the process that speaks to the network. Only root can switch to it: without root the gateway runs as the user of the server.',
        default: 'holdfast-gateway',
        examples: ['nobody'],
      }),
    ),
    connections: Optional(
      Type.Integer({
        minimum: 16,
        maximum: 896,
        description:
          'Connections of people who have logged in. As many others may be about to: one more of those replaces the oldest.',
        default: 512,
        examples: [200],
      }),
    ),
    connections_per_address: Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_536,
        description: 'Connections of one address; a /64 of IPv6 counts as one.',
        default: 64,
        examples: [500],
      }),
    ),
  },
  closed,
);

export type NetworkTable = Static<typeof NetworkSchema>;
