/** Tokens behind the door: one's own, which give no more than one has, and with the right to it those of others. */
import { isWithinBounds } from '../access/decide.ts';
import { noToken } from '../access/tokens.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Reason } from '../model/host-port.ts';
import { isKnown, type Principal } from '../model/principal.ts';
import type { Verb } from '../model/rights.ts';
import type { TokenInfo, TokensPort } from '../model/token-port.ts';

export interface TokenGuard {
  readonly by: Principal;
  /** Absent: this host keeps none. */
  readonly tokens: TokensPort | undefined;
  readonly may: (verb: Verb) => boolean;
  readonly act: <T>(
    verb: Verb,
    reason: string | undefined,
    action: (by: Principal) => Promise<T>,
    details: Readonly<Record<string, unknown>>,
  ) => Promise<T>;
}

export function guardedTokens({ by, tokens, may, act }: TokenGuard): TokensPort<Reason> {
  const port = (): TokensPort => {
    if (tokens === undefined) {
      throw new HoldfastError('HF_NO_ROUTE', 'this server keeps no tokens');
    }
    return tokens;
  };
  /** Nobody owns what is under a name that anybody can claim. */
  const isOwn = ({ user }: Pick<TokenInfo, 'user'>): boolean => user === by.user && isKnown(by);
  return {
    create({ user = by.user, may: rights, on, once, seconds, label }, reason) {
      return act(
        isOwn({ user }) ? 'createToken' : 'createTokenForOther',
        reason,
        async (who) => {
          mustBeFresh(by);
          const bounds = { ...boundOf(by, rights), ...(on && { on }), ...(once && { once }) };
          return port().create({ user, seconds, ...bounds, ...(label && { label }) }, who);
        },
        { user, may: rights, on, once, seconds, label },
      );
    },
    async list() {
      const all = await port().list();
      return may('listTokensOfOthers') ? all : all.filter(isOwn);
    },
    async revoke(id, reason) {
      const found = (await port().list()).find((each) => each.id === id);
      if (found === undefined) {
        throw noToken(id);
      }
      const verb = isOwn(found) ? 'revokeToken' : 'revokeTokenOfOther';
      return act(verb, reason, (who) => port().revoke(id, who), { token: id, user: found.user });
    },
  };
}

/** A stolen token would otherwise be good forever. */
function mustBeFresh({ assurance }: Principal): void {
  if (assurance === 'token') {
    throw new HoldfastError('HF_FORBIDDEN', 'a token makes no tokens: log in with a password, or on the host itself');
  }
}

function boundOf(by: Principal, may: TokenInfo['may']): Pick<TokenInfo, 'may'> {
  const bound = may ?? by.bound;
  const beyond = bound?.find((right) => !isWithinBounds(by, right));
  if (beyond !== undefined) {
    throw new HoldfastError(
      'HF_FORBIDDEN',
      `${by.user} came in a way that does not give \`${beyond}\`, nor can a token`,
    );
  }
  return bound === undefined ? {} : { may: bound };
}
