/** The tokens of a host over its control API. */
import type { Reason } from '../model/host-port.ts';
import type { NewToken, TokenInfo, TokenRequest, TokensPort } from '../model/token-port.ts';
import type { Requests } from './requests.ts';

const PATH = '/v1/tokens';

export class FarTokens implements TokensPort<Reason> {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  create(request: TokenRequest, reason?: string): Promise<NewToken> {
    return this.#requests.post(PATH, { ...request, reason });
  }

  list(): Promise<readonly TokenInfo[]> {
    return this.#requests.get(PATH);
  }

  revoke(id: string, reason?: string): Promise<TokenInfo> {
    return this.#requests.post(`${PATH}/${encodeURIComponent(id)}/revoke`, { reason });
  }
}
