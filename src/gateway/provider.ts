/**
 * A provider of OpenID Connect, by openid-client: the code flow with PKCE, `state` and `nonce`. In a bundle of its own, which only a gateway
 * with `[network.oidc]` loads.
 */
import * as client from 'openid-client';
import type { GatewayOidc } from '../model/gateway-protocol.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { BegunLogin } from './begun-logins.ts';
import { type Claims, claimAt } from './claims.ts';
import { ProviderFetch } from './provider-fetch.ts';
import { isDown, type Provider, ProviderError } from './provider-port.ts';

/** Of all requests of one step. */
const PATIENCE_S = 10;
/** By how much its clock and ours may differ. */
const CLOCKS_S = 60;
/** So old what it said of itself may be: whether it is there is looked at before a browser is sent to it. */
const FRESH_MS = 10_000;
/** So soon one that was not there is not asked again. */
const RETRY_MS = 2000;

export class OidcProvider implements Provider {
  readonly #settings: GatewayOidc;
  readonly #callback: string;
  readonly #clock: Clock;
  readonly #fetch: client.CustomFetch;
  #known: client.Configuration | undefined;
  #asked: { readonly at: number; readonly answer: Promise<client.Configuration> } | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: GatewayOidc, callback: string, clock: Clock) {
    this.#settings = settings;
    this.#callback = callback;
    this.#clock = clock;
    const fetch = new ProviderFetch(settings.ca);
    this.#fetch = (url, options) => fetch.fetch(url, options);
  }

  async begin({ nonce, state, verifier }: BegunLogin): Promise<URL> {
    const configuration = await this.#fresh();
    return client.buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: this.#callback, scope: this.#settings.scopes.join(' '), state, nonce },
      ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
    });
  }

  async finish(query: string, { nonce, state, verifier }: BegunLogin): Promise<Claims> {
    try {
      const configuration = this.#known ?? (await this.#fresh());
      const tokens = await client.authorizationCodeGrant(configuration, new URL(`${this.#callback}?${query}`), {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
      });
      const claims = tokens.claims() as client.IDToken;
      const { groupsClaim, userClaim } = this.#settings;
      const isWhole = [userClaim, groupsClaim].every((name) => claimAt(claims, name) !== undefined);
      return isWhole || configuration.serverMetadata().userinfo_endpoint === undefined
        ? claims
        : { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
    } catch (error) {
      throw why(error);
    }
  }

  /** The current metadata of the provider. Rejects with a ProviderError. */
  async #fresh(): Promise<client.Configuration> {
    const now = this.#clock.monotonic();
    const age = now - (this.#asked?.at ?? Number.NEGATIVE_INFINITY);
    const isFresh = age < (this.#failedAt === this.#asked?.at ? RETRY_MS : FRESH_MS);
    if (this.#asked === undefined || !isFresh) {
      const answer = this.#discover();
      this.#asked = { at: now, answer };
      answer.catch(() => {
        this.#failedAt = now;
      });
    }
    return this.#asked.answer;
  }

  async #discover(): Promise<client.Configuration> {
    const { clientId, clientSecret, issuer } = this.#settings;
    const insecure = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
    const metadata = { [client.clockTolerance]: CLOCKS_S };
    const options = { execute: insecure, timeout: PATIENCE_S, [client.customFetch]: this.#fetch };
    try {
      const found = await client.discovery(new URL(issuer), clientId, metadata, client.None(), options);
      const server = found.serverMetadata();
      if (this.#known !== undefined && JSON.stringify(this.#known.serverMetadata()) === JSON.stringify(server)) {
        // With the keys that it has learnt.
        return this.#known;
      }
      const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      const shown = methods.includes('client_secret_basic') ? client.ClientSecretBasic : client.ClientSecretPost;
      const auth = clientSecret === undefined ? client.None() : shown(clientSecret);
      const next = new client.Configuration(server, clientId, metadata, auth);
      next.timeout = PATIENCE_S;
      next[client.customFetch] = this.#fetch;
      for (const set of [...insecure, client.enableNonRepudiationChecks]) {
        set(next);
      }
      this.#known = next;
      return next;
    } catch (error) {
      throw new ProviderError(textOf(error), true);
    }
  }
}

function why(error: unknown): Error {
  return causes(error).find(isDown) ?? new ProviderError(textOf(error), false);
}

/** The innermost says most. */
function textOf(error: unknown): string {
  const [last] = causes(error).reverse();
  const { code, error: oauth } = error as { code?: unknown; error?: unknown };
  const what = typeof oauth === 'string' ? oauth : (last?.message ?? String(error));
  return `${what}${typeof code === 'string' && !what.includes(code) ? ` (${code})` : ''}`.slice(0, 300);
}

function causes(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}
