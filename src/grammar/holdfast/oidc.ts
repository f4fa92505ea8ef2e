/** `[network.oidc]` -> the provider, or what is wrong. Pure. */
import type { OidcConfig } from '../../model/network-config.ts';
import { OidcSchema, type OidcTable } from '../../model/oidc-schema.ts';
import type { Schema } from '../text/schema-check.ts';
import { defaultsOf } from './layers.ts';

const BUILT_IN = defaultsOf(OidcSchema as unknown as Schema) as Required<
  Pick<OidcTable, 'scopes' | 'user_claim' | 'groups_claim'>
>;

export interface OidcFault {
  /** Undefined: of the table. */
  readonly key?: keyof OidcTable;
  readonly message: string;
}

/** `url`: of `[network]`. */
export function oidcFaults({ client_id, issuer }: OidcTable, url: string | undefined): OidcFault[] {
  return [
    ...(issuer === undefined ? [{ message: '`issuer` is missing: which provider?' }] : []),
    ...(client_id === undefined ? [{ message: '`client_id` is missing' }] : []),
    ...(issuer === undefined || isSafe(issuer)
      ? []
      : [{ key: 'issuer' as const, message: `${issuer}: without TLS anybody on the way could be the provider` }]),
    ...(url === undefined
      ? [{ message: '`url` of [network] is missing: the address to which the provider sends browsers back' }]
      : []),
  ];
}

/** `path`: a file, as an absolute path. */
export function oidcOf(table: OidcTable, path: (text: string) => string): OidcConfig {
  const { ca, client_id = '', client_secret_file, issuer = '', scopes = BUILT_IN.scopes } = table;
  return {
    ...{ issuer, clientId: client_id },
    ...(client_secret_file === undefined ? {} : { clientSecretFile: path(client_secret_file) }),
    ...(ca === undefined ? {} : { ca: path(ca) }),
    scopes: [...new Set(['openid', ...scopes])],
    userClaim: table.user_claim ?? BUILT_IN.user_claim,
    groupsClaim: table.groups_claim ?? BUILT_IN.groups_claim,
  };
}

function isSafe(issuer: string): boolean {
  return /^https:/.test(issuer) || /^http:\/\/(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d+)?(\/|$)/.test(issuer);
}
