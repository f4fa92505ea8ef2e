/** The user and groups in the claims of a provider. Pure. */
import type { OidcConfig } from '../model/network-config.ts';

export type Claims = Readonly<Record<string, unknown>>;

export interface ClaimedPerson {
  readonly user: string;
  readonly groups: readonly string[];
}

/** All groups are passed on to the server in one header of a request. */
const MOST_GROUPS = 256;
const MOST_GROUP_BYTES = 6144;
const LONGEST_NAME = 256;

/** `realm_access.roles`: a claim of that name, or else the way through objects. */
export function claimAt(claims: Claims, path: string): unknown {
  return Object.hasOwn(claims, path)
    ? own(claims, path)
    : path.split('.').reduce<unknown>((value, name) => own(value, name), claims);
}

/** Throws what is wrong. Groups are never cut off: a limit might be about one that is missing. */
export function personIn(claims: Claims, names: Pick<OidcConfig, 'userClaim' | 'groupsClaim'>): ClaimedPerson {
  const user = claimAt(claims, names.userClaim);
  if (typeof user !== 'string' || user === '') {
    throw new Error(`the provider does not say who it is (claim ${names.userClaim})`);
  }
  return { user, groups: groupsIn(claims, names.groupsClaim) };
}

function groupsIn(claims: Claims, name: string): readonly string[] {
  if (own(own(claims, '_claim_names'), name) !== undefined) {
    throw new Error(`these are more groups than the provider says (claim ${name}): let it say fewer of them`);
  }
  const value = claimAt(claims, name) ?? [];
  const groups = [...new Set<unknown>(Array.isArray(value) ? value : [value])];
  if (!groups.every(isName)) {
    throw new Error(`the claim ${name} is not a list of the names of groups`);
  }
  if (groups.length > MOST_GROUPS || Buffer.byteLength(JSON.stringify(groups)) > MOST_GROUP_BYTES) {
    throw new Error(
      `these are ${groups.length} groups (claim ${name}), more than can be passed on: let the provider say fewer`,
    );
  }
  return groups;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME && !/\p{Cc}/u.test(value);
}

function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
