/**
 * The author of an action. Every session, verb and event carries its whole principal; the texts shown for one are made
 * here. Pure.
 */
import type { Principal } from './api.ts';

/** The way in: the control socket, an endpoint, the page (`web`), ...; `signal` and `self` if no named person acted. */
export const CHANNELS = ['api', 'procserv', 'conserver', 'web', 'network', 'ca', 'fleet', 'signal', 'self'] as const;

/**
 * How the user's identity is known, strongest first: from the kernel, by a password, certificate or token, from a
 * host that the configuration trusts, from the client itself, or not at all.
 */
export const ASSURANCES = ['kernel', 'password', 'certificate', 'token', 'vouched', 'claimed', 'none'] as const;

export type { Principal };

/** The user if nothing is known. */
export const UNKNOWN = 'unknown';

/** An unidentified client of a procServ endpoint. */
export const ANONYMOUS: Principal = { user: UNKNOWN, channel: 'procserv', from: 'localhost', assurance: 'none' };

/** The author of a request to an earlier server, which did not record it. */
export const SOMEBODY: Principal = { user: UNKNOWN, channel: 'self', from: 'an earlier server', assurance: 'none' };

/** The server itself, `why` it acts: `a hold that is over`. */
export function self(why: string): Principal {
  return { user: 'holdfast', channel: 'self', from: why, assurance: 'kernel' };
}

/** The unknown sender of a signal such as `SIGHUP`. */
export function sender(signal: string): Principal {
  return { user: UNKNOWN, channel: 'signal', from: signal, assurance: 'none' };
}

/** Whether more than the client's own word says who it is. */
export function isKnown({ assurance }: Pick<Principal, 'assurance'>): boolean {
  return assurance !== 'none' && assurance !== 'claimed';
}

/** The short name of a principal: the user, or the signal. */
export function nameOf(principal: Pick<Principal, 'channel' | 'user' | 'behind' | 'from'>): string {
  return principal.channel === 'signal' ? principal.from : userText(principal);
}

/** `vera (as root)`, where the kernel or sudo knows who that is; otherwise the user. */
export function userText({ user, behind }: Pick<Principal, 'user' | 'behind'>): string {
  return behind === undefined ? user : `${behind} (as ${user})`;
}

/** `vera via conserver from ws12`, `vera (as root) via api from pid 4711`, `SIGHUP`, `holdfast: the hold has expired`. */
export function principalText(principal: Principal): string {
  const { channel, user, from } = principal;
  switch (channel) {
    case 'signal':
      return from;
    case 'self':
      return `${user}: ${from}`;
    default:
      return `${userText(principal)} via ${channel} from ${placeOf(principal)}`;
  }
}

/** As `principalText`, with the reason: `vera via conserver from ws12: HV card`. */
export function doerText(principal: Principal): string {
  const { reason } = principal;
  return `${principalText(principal)}${reason === undefined ? '' : `: ${reason}`}`;
}

/** `vera@ws12`, `vera-(as-root)@ws12`: one word. */
export function personOf(principal: Pick<Principal, 'user' | 'behind' | 'from'>): string {
  return `${userText(principal).replaceAll(' ', '-')}@${principal.from}`;
}

/** `pid 4711`, `10.0.0.3:51234`, `ws12`. */
export function placeOf({ pid, from, port }: Principal): string {
  return pid === undefined ? `${from}${port === undefined ? '' : `:${port}`}` : `pid ${pid}`;
}
