/** Finds access that may be wider than intended. Pure. */
import { grantsOf } from '../access/decide.ts';
import { isInNetwork } from '../access/network.ts';
import type { AccessConfig, AccessRule, Who } from '../model/access-config.ts';
import { whoText } from '../model/access-text.ts';
import type { Opening } from '../model/api.ts';
import type { HostConfig } from '../model/config.ts';
import { notationOf } from '../model/endpoint.ts';
import { isEndpoint, parseEndpoint } from '../model/endpoint-notation.ts';
import { type Principal, UNKNOWN } from '../model/principal.ts';
import { leastOf, RIGHT_NAMES, type Right, rightsOn, withIncluded } from '../model/rights.ts';

export type Open = Pick<HostConfig, 'access'> & Partial<Pick<HostConfig, 'consoles' | 'conserver' | 'network'>>;

const LOOPBACK = '127.0.0.1';
/** Not for people without a name. */
const MUCH: readonly Right[] = ['admin', 'configure', 'force'];

/** `at`: milliseconds since 1970. */
export function openings({ access, consoles = [], conserver, network }: Open, at: number): readonly Opening[] {
  const networks = (conserver?.hosts ?? []).filter((each) => each.access === 'trusted' && !isLoopback(each.pattern));
  const proxies = proxiesOfAll(network);
  return [
    ...consoles.flatMap(({ name, groups, endpoints }) =>
      endpoints.flatMap((endpoint): Opening[] => {
        const parsed = parseEndpoint(notationOf(endpoint), LOOPBACK);
        if (!isEndpoint(parsed) || parsed.kind !== 'tcp' || isLoopback(parsed.host)) {
          return [];
        }
        const bound = typeof endpoint === 'string' ? undefined : endpoint.may;
        const may = leastOf(anonymousRights(access, { name, groups }, bound, at));
        return [{ kind: 'endpoint', console: name, at: notationOf(endpoint), may }];
      }),
    ),
    ...(networks.length === 0 ? [] : [{ kind: 'trusted' as const, who: networks.map(({ pattern }) => pattern) }]),
    ...(proxies.length === 0 ? [] : [{ kind: 'proxy' as const, who: proxies }]),
    ...(access?.rules ?? []).flatMap((rule): Opening[] => {
      const may = MUCH.filter((right) => rule.may.has(right));
      const who = rule.who.filter(isNameless).map(whoText);
      return may.length === 0 || who.length === 0 ? [] : [{ kind: 'rule', ...placeOf(rule), who, may }];
    }),
  ];
}

/** The users and groups that rules and limits name, and where. */
export function named({
  access,
}: Pick<HostConfig, 'access'>): readonly { readonly rule: AccessRule; readonly who: Who }[] {
  return [...(access?.rules ?? []), ...(access?.limits ?? [])].flatMap((rule) =>
    rule.who.filter(({ kind }) => kind === 'user' || kind === 'group').map((who) => ({ rule, who })),
  );
}

/** `who`: those of a rule that the system does not know. */
export function nobody(rule: AccessRule, who: readonly Who[]): Opening {
  return { kind: 'nobody', ...placeOf(rule), who: who.map(whoText) };
}

/** Of a client of an endpoint, from wherever. */
function anonymousRights(
  access: AccessConfig | undefined,
  console: { readonly name: string; readonly groups: readonly string[] },
  bound: readonly Right[] | undefined,
  at: number,
): ReadonlySet<Right> {
  const principal: Principal = { user: UNKNOWN, channel: 'procserv', from: '', assurance: 'none' };
  const given = access
    ? grantsOf(access, { principal, inGroup: () => false }, console, at).grants.flatMap(({ may }) => [...may])
    : RIGHT_NAMES;
  const [taken, most] = [rightsOn('console'), bound && withIncluded(bound)];
  return new Set(given.filter((right) => taken.has(right) && most?.has(right) !== false));
}

/** Addresses of a proxy that any user of this machine may connect from; a unix socket has none. */
function proxiesOfAll(network: HostConfig['network']): readonly string[] {
  const isSocketOnly = network?.listen.every((place) => 'path' in place);
  return isSocketOnly || network?.proxy?.userHeader === undefined
    ? []
    : network.proxy.networks.filter(
        (each) => isLoopback(each) || isInNetwork(each, LOOPBACK) || isInNetwork(each, '::1'),
      );
}

function isNameless({ kind }: Who): boolean {
  return kind === 'everyone' || kind === 'channel' || kind === 'from';
}

function isLoopback(address: string): boolean {
  return /^127\./.test(address) || isInNetwork('::1', address) || address === 'localhost';
}

function placeOf({ place: { file, line } }: AccessRule): { readonly file: string; readonly line: number } {
  return { file, line };
}
