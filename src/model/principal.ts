/** Who acts. Every session, verb and event carries its principal whole; what is shown of one is made here. Pure. */

/** The way in: the control socket, an endpoint, ...; `signal` and `self` for what no person asked for by name. */
export const CHANNELS = ['api', 'procserv', 'conserver', 'web', 'ca', 'fleet', 'signal', 'self'] as const;

/**
 * How it is known that the user is this one, best first: the kernel said so, a password, certificate or token was right, a host
 * that the configuration trusts said so, the client said so, nobody said anything.
 */
export const ASSURANCES = ['kernel', 'password', 'certificate', 'token', 'vouched', 'claimed', 'none'] as const;

export interface Principal {
  /** Login name; `uid 1234` where the system has none; `UNKNOWN` where nobody said. */
  readonly user: string;
  /** Groups that whoever let this principal in knows of. */
  readonly groups?: readonly string[];
  readonly channel: (typeof CHANNELS)[number];
  /** Host name or address; of a signal its name; of the server itself what made it act. */
  readonly from: string;
  readonly assurance: (typeof ASSURANCES)[number];
  /** TCP port at `from`. */
  readonly port?: number;
  /** Process at the other end, on this machine. */
  readonly pid?: number;
}

/** The user where nobody says who it is. */
export const UNKNOWN = 'unknown';

/** Somebody at a procServ endpoint of whom nothing is known. */
export const ANONYMOUS: Principal = { user: UNKNOWN, channel: 'procserv', from: 'localhost', assurance: 'none' };

/** Whoever asked it of a server before this one, which did not keep who that was. */
export const SOMEBODY: Principal = { user: UNKNOWN, channel: 'self', from: 'an earlier server', assurance: 'none' };

/** The server itself, `why` it acts: `a hold that is over`. */
export function self(why: string): Principal {
  return { user: 'holdfast', channel: 'self', from: why, assurance: 'kernel' };
}

/** Whoever sent this server a signal, `SIGHUP`: the kernel does not say who that was. */
export function sender(signal: string): Principal {
  return { user: UNKNOWN, channel: 'signal', from: signal, assurance: 'none' };
}

/** The name that stands for a principal alone: the user, or the signal that nobody signed. */
export function nameOf({ channel, user, from }: Principal): string {
  return channel === 'signal' ? from : user;
}

/** `vera via conserver from ws12`, `SIGHUP`, `holdfast: the hold has expired`. */
export function principalText(principal: Principal): string {
  const { channel, user, from } = principal;
  switch (channel) {
    case 'signal':
      return from;
    case 'self':
      return `${user}: ${from}`;
    default:
      return `${user} via ${channel} from ${placeOf(principal)}`;
  }
}

/** `pid 4711`, `10.0.0.3:51234`, `ws12`. */
export function placeOf({ pid, from, port }: Principal): string {
  return pid === undefined ? `${from}${port === undefined ? '' : `:${port}`}` : `pid ${pid}`;
}
