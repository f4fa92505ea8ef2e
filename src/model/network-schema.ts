/** `[network]`: the control API over TLS, as written. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { closed, Duration, Path } from './config-forms.ts';
import { OidcSchema } from './oidc-schema.ts';

const Optional = Type.Optional;

/** Ways to log in besides a certificate of `client_ca`. */
export const LOGIN_METHODS = ['password', 'token'] as const;

const Header = (words: { description: string; default?: string; examples: string[] }) =>
  Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", title: 'the name of a header', ...words });

const ProxySchema = Type.Object(
  {
    from: Optional(
      Type.Array(
        Type.String({
          pattern: '^(user:[^\\s:]+|[0-9a-fA-F:.]+(/\\d{1,3})?)$',
          title: 'an address, a network (ADDRESS/BITS) or user:NAME',
        }),
        {
          minItems: 1,
          description:
            'The proxies: addresses and networks they connect from, and for `unix:` sockets `user:NAME`, the user of this system that the proxy runs as. Required. On a loopback address any user of this machine could pose as the proxy: use a socket there.',
          examples: [['user:www-data'], ['10.0.0.5', '2001:db8::/64']],
        },
      ),
    ),
    user_header: Optional(
      Header({
        description:
          'Header with the name of the logged-in user: `Remote-User` of Authelia, `X-Forwarded-User` of oauth2-proxy. Without it the proxy logs nobody in.',
        examples: ['X-Forwarded-User', 'Remote-User'],
      }),
    ),
    groups_header: Optional(
      Header({
        description:
          "Header with the user's groups, separated by commas: `@group` in rules, besides the groups of this system. At most 6 KiB. Without it: none.",
        examples: ['X-Forwarded-Groups', 'Remote-Groups'],
      }),
    ),
    address_header: Optional(
      Header({
        description:
          'Header with the addresses that the request has passed through, to which the proxy appends its client (or which it sets). The last one that is not a proxy of `from` is taken as the client, for `from:` in rules, the limits of logins and `connections_per_address`. Without it all requests come from the proxy.',
        examples: ['X-Forwarded-For', 'X-Real-IP'],
      }),
    ),
  },
  {
    ...closed,
    title: 'a table',
    description:
      'A reverse proxy, and the headers it sets: the address of its client (`address_header`) and, if it authenticates users (oauth2-proxy, Authelia, Apache, nginx `auth_request`), the logged-in user (`user_header`), which is a way to log in. Only requests from these addresses are trusted; in all others these headers are ignored. The proxy must replace each header named here (and append to that of addresses): clients can forge one that it only passes on.',
    examples: [
      {
        from: ['user:www-data'],
        user_header: 'X-Forwarded-User',
        groups_header: 'X-Forwarded-Groups',
        address_header: 'X-Forwarded-For',
      },
    ],
  },
);

export const NetworkSchema = Type.Object(
  {
    listen: Optional(
      Type.Array(
        Type.String({
          pattern: '^((http://)?(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+\\]):\\d{1,5}|unix:/[^\\0]{1,106})$',
          title: 'ADDRESS:PORT (an IPv4 address, or an IPv6 address in brackets), http://ADDRESS:PORT or unix:PATH',
        }),
        {
          minItems: 1,
          description:
            'Addresses to listen on; `0.0.0.0` and `[::]` stand for all. Required, as are `certificate`, `key` and the section `[access]`. For a reverse proxy on this machine, HTTP without TLS: `http://` with a loopback address, or `unix:` with the path of a socket in a folder where `user` may write (under systemd there is `/run/holdfast-gateway`); with only such addresses, `certificate` and `key` are not needed. Clients must log in there too. The page for the shift is at `/`.',
          examples: [
            ['0.0.0.0:7633'],
            ['10.0.1.7:7633', '[2001:db8::7]:7633'],
            ['http://127.0.0.1:7634'],
            ['0.0.0.0:7633', 'unix:/run/holdfast-gateway/http'],
          ],
        },
      ),
    ),
    certificate: Optional(
      Path({
        description:
          'PEM file with the certificate of this host and the intermediate ones up to its authority. `holdfast certificate init` makes one. A renewed one is picked up automatically within a minute, or by a reload. A relative path is below the folder of this file.',
        examples: ['/etc/holdfast/tls/host.pem'],
      }),
    ),
    key: Optional(
      Path({
        description: 'PEM file with its key. It must not be readable by everyone.',
        examples: ['/etc/holdfast/tls/host.key'],
      }),
    ),
    client_ca: Optional(
      Path({
        description: 'PEM file with the authorities whose certificates are accepted as logins. Without it: none.',
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
          'The address of the page in a browser. Required for `[network.oidc]`, and if it is not a name in `certificate`: then it is the address of the reverse proxy, which needs a name or a port for this host alone (no path). Requests for other hosts, or from pages of other hosts, are refused.',
        examples: ['https://control.example.org', 'https://ioc1.example.org:7633'],
      }),
    ),
    session: Optional(
      Duration({
        description:
          'Lifetime of a login without a token: with a password, a certificate, or the single sign-on of the site. A browser session that is unused for an hour ends earlier.',
        default: '12h',
        examples: ['8h'],
      }),
    ),
    oidc: Optional(OidcSchema),
    proxy: Optional(ProxySchema),
    user: Optional(
      Type.String({
        minLength: 1,
        description:
          'Unprivileged user that `holdfast-gateway` runs as, the process that talks to the network. Only root can switch to it: without root the gateway runs as the user of the server.',
        default: 'holdfast-gateway',
        examples: ['nobody'],
      }),
    ),
    connections: Optional(
      Type.Integer({
        minimum: 16,
        maximum: 896,
        description:
          'Maximum number of connections of logged-in users. As many more may be in the process of logging in: beyond that, a new one replaces the oldest of the address with the most of them.',
        default: 512,
        examples: [200],
      }),
    ),
    connections_per_address: Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_536,
        description:
          'Maximum number of connections from one address; a /64 of IPv6 counts as one. A page has two to six, and one more for each console shown side by side: raise it where many users share an address (NAT, a tunnel). A refusal is an event.',
        default: 64,
        examples: [500],
      }),
    ),
  },
  closed,
);

export type NetworkTable = Static<typeof NetworkSchema>;
