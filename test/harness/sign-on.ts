/** A provider of OpenID Connect as a site has one: oidc-provider on loopback, with a page to log in. It can be told to misbehave. */
import { once } from 'node:events';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';

/** Of oidc-provider, which comes without types. */
interface OidcServer {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  use(layer: (context: { path: string; query: Record<string, unknown> }, next: () => Promise<void>) => unknown): void;
  on(event: 'authorization_code.saved', told: (code: { destroy(): Promise<void> }) => void): void;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
  Grant: new (of: object) => { addOIDCScope(scope: string): void; save(): Promise<string> };
}
interface GrantContext {
  readonly oidc: { readonly client: { readonly clientId: string }; readonly session: { readonly accountId: string } };
}

export interface SignOn {
  readonly issuer: string;
  /** Users, with the roles of each. */
  readonly people: Map<string, readonly string[]>;
  /** Its misbehaviour from now on. */
  wrong: '' | 'nonce' | 'expired';
  /** It is not there. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export const CLIENT_SECRET = 'a secret of the test, long enough for it';

/** `callback`: where browsers come back to. */
export async function signOn(t: TestContext, callback: string): Promise<SignOn> {
  const { default: Provider } = (await import('oidc-provider' as string)) as {
    default: new (issuer: string, how: object) => OidcServer;
  };
  const people = new Map<string, readonly string[]>();
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  let server: HttpServer = createServer((...both) => answer(...both)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'holdfast', client_secret: CLIENT_SECRET, redirect_uris: [callback] }],
    cookies: { keys: ['of the test'] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'realm_access'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/sign-in/${uid}` },
    findAccount: (_context: unknown, user: string) => ({
      accountId: user,
      claims: () => ({ sub: user, preferred_username: user, realm_access: { roles: people.get(user) ?? [] } }),
    }),
    // Nobody is asked what may be told.
    async loadExistingGrant({ oidc }: GrantContext) {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  provider.use((context, next) => {
    if (site.wrong === 'nonce' && context.path === '/auth') {
      context.query = { ...context.query, nonce: 'another' };
    }
    return next();
  });
  // As if it had kept the code for too long a while already: it does not know it any more.
  provider.on('authorization_code.saved', (code) => {
    if (site.wrong === 'expired') {
      void code.destroy();
    }
  });
  const rest = provider.callback();
  answer = (request, response) => {
    if (!request.url?.startsWith('/sign-in/')) {
      rest(request, response);
    } else if (request.method === 'GET') {
      response.setHeader('content-type', 'text/html');
      response.end('<form method="post"><input name="user"><button>Sign in</button></form>');
    } else {
      void text(request).then((body) => {
        const accountId = new URLSearchParams(body).get('user') ?? '';
        return provider.interactionFinished(request, response, { login: { accountId } });
      });
    }
  };
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close').catch(() => undefined);
  };
  const site: SignOn = {
    ...{ issuer, people, wrong: '', stop },
    async start() {
      server = createServer((...both) => answer(...both)).listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
  atEnd(t, () => (server.listening ? stop() : undefined));
  return site;
}
