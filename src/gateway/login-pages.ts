/** Logging in with a browser: the site's single sign-on or a password buys a session, whose key is a cookie. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HoldfastError } from '../model/errors.ts';
import type { ApiPath, GatewaySettings } from '../model/gateway-protocol.ts';
import type { LoginPlace, LoginPort, Proof } from '../model/login-port.ts';
import { problemOf } from '../model/problem.ts';
import type { Clock } from '../platform/time/clock.ts';
import { BEGUN_MS, BegunLogins } from './begun-logins.ts';
import { personIn } from './claims.ts';
import { type Cookies, cookieIn, endCookie, setCookie } from './cookies.ts';
import { kept, type LogIns } from './log-ins.ts';
import { isFromOwnPage, pathHere } from './own-page.ts';
import { type Html, html, oncePage, PAGE_HEADERS, page } from './pages.ts';
import type { Person } from './person.ts';
import { isDown, type OpenProvider, type Provider } from './provider-port.ts';
import { secret } from './secrets.ts';

const CALLBACK = '/login/callback';
/** A link that logs in once: what is behind its `#` no browser sends, so it is in no log. */
const ONCE = '/login/once';

/** Answered here; nothing of them is passed on. */
export const LOGIN_PATHS: readonly ApiPath[] = [
  { method: 'GET', path: '/login' },
  { method: 'POST', path: '/login' },
  { method: 'GET', path: CALLBACK },
  { method: 'GET', path: ONCE },
  { method: 'POST', path: ONCE },
  { method: 'GET', path: '/login/who' },
  { method: 'POST', path: '/logout' },
];

export interface LoginPagesParts {
  readonly clock: Clock;
  readonly server: LoginPort;
  readonly logIns: LogIns;
  readonly loadProvider: () => Promise<OpenProvider>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** A session has ended. */
  readonly ended?: true;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly place: LoginPlace;
  readonly body: () => Promise<Buffer>;
}

export class LoginPages {
  readonly #parts: LoginPagesParts;
  readonly #begun: BegunLogins;
  readonly #routes: Readonly<Record<string, (asked: Asked) => Promise<Answer>>> = {
    'GET /login': (asked) => this.#login(asked),
    'POST /login': (asked) => this.#byPassword(asked),
    [`GET ${CALLBACK}`]: (asked) => this.#callback(asked),
    [`GET ${ONCE}`]: async () => ({ status: 200, body: oncePage() }),
    [`POST ${ONCE}`]: (asked) => this.#byLink(asked),
    'GET /login/who': (asked) => this.#who(asked),
    'POST /logout': (asked) => this.#logout(asked),
  };
  #settings: Pick<GatewaySettings, 'login' | 'oidc' | 'url'> = { login: [] };
  #provider: Promise<Provider> | undefined;

  constructor(parts: LoginPagesParts) {
    this.#parts = parts;
    this.#begun = new BegunLogins(parts.clock);
  }

  set settings(settings: GatewaySettings) {
    const { login, oidc, url } = settings;
    if (JSON.stringify([oidc, url]) !== JSON.stringify([this.#settings.oidc, this.#settings.url])) {
      this.#provider = undefined;
    }
    this.#settings = { login, ...(oidc && { oidc }), ...(url === undefined ? {} : { url }) };
  }

  has({ url = '' }: IncomingMessage): boolean {
    const path = url.split('?', 1)[0];
    return LOGIN_PATHS.some((each) => each.path === path);
  }

  /** Returns whether a session has ended. Rejects with a HoldfastError. */
  async answer(request: IncomingMessage, response: ServerResponse, body: () => Promise<Buffer>): Promise<boolean> {
    const [path, query = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
    const handle = this.#routes[`${request.method} ${path}`] as (asked: Asked) => Promise<Answer>;
    const asked = { request, body, query: new URLSearchParams(query), place: this.#parts.logIns.placeOf(request) };
    const { body: text = '', ended = false, headers = {}, status } = await handle(asked);
    response.writeHead(status, { ...PAGE_HEADERS, ...(headers as Record<string, string | string[]>) }).end(text);
    return ended;
  }

  async #login({ query, place, request }: Asked): Promise<Answer> {
    const to = pathHere(query.get('to'));
    const person = await this.#person(request);
    if (person) {
      return to === undefined ? shown(200, 'Logged in', whoHtml(person)) : elsewhere(to);
    }
    const { login, oidc } = this.#settings;
    if (oidc !== undefined && (query.get('with') === 'oidc' || !login.includes('password'))) {
      return this.#begin(to ?? '/login', request, place);
    }
    return login.includes('password')
      ? shown(200, 'Log in', formHtml(to, oidc !== undefined))
      : shown(
          404,
          'Log in',
          html`<p>Nobody logs in here with a browser.</p>${login.includes('token') ? LINK_HTML : html``}`,
        );
  }

  get #cookies(): Cookies {
    return this.#parts.logIns.cookies;
  }

  async #begin(to: string, request: IncomingMessage, place: LoginPlace): Promise<Answer> {
    const known = cookieIn(request.headers.cookie, this.#cookies.begun);
    const browser = known !== undefined && /^[\w-]{43}$/.test(known) ? known : secret();
    try {
      const provider = await this.#open();
      const url = await provider.begin(this.#begun.begin(to, browser, place.address));
      return elsewhere(url.href, [setCookie(this.#cookies.begun, browser, BEGUN_MS)]);
    } catch (error) {
      return this.#failed(error, to, place);
    }
  }

  async #callback({ place, query, request }: Asked): Promise<Answer> {
    const { oidc } = this.#settings;
    const login = this.#begun.take(query.get('state') ?? '', cookieIn(request.headers.cookie, this.#cookies.begun));
    if (oidc === undefined || login === undefined) {
      const reason = 'a login came back that was not begun in this browser, is too old, or has come back before';
      return this.#refused(400, reason, '/login', place);
    }
    try {
      const provider = await this.#open();
      const claims = await provider.finish(query.toString(), login);
      return await this.#enter({ method: 'oidc', issuer: oidc.issuer, ...personIn(claims, oidc) }, place, login.to);
    } catch (error) {
      return this.#failed(error, login.to, place);
    }
  }

  async #byPassword({ body, place, request }: Asked): Promise<Answer> {
    if (!isFromOwnPage(request, false)) {
      return shown(403, 'Not from here', html`<p>This form is not one of this host.</p>`);
    }
    const form = new URLSearchParams((await body()).toString());
    const to = pathHere(form.get('to'));
    if (!this.#settings.login.includes('password')) {
      return shown(403, 'Log in', html`<p>A password is not a way to log in here.</p>`);
    }
    const [user, password] = [form.get('user') ?? '', form.get('password') ?? ''];
    try {
      return await this.#enter({ method: 'password', user, password }, place, to ?? 'login');
    } catch (error) {
      const { code, message } = error as HoldfastError;
      const status = problemOf(code ?? 'HF_INTERNAL', message).status;
      const again = formHtml(to, this.#settings.oidc !== undefined);
      return shown(status, 'Not logged in', html`<p role="alert">${message}</p>${again}`);
    }
  }

  async #byLink({ body, place, request }: Asked): Promise<Answer> {
    if (!isFromOwnPage(request, false)) {
      return shown(403, 'Not from here', html`<p>This form is not one of this host.</p>`);
    }
    const token = new URLSearchParams((await body()).toString()).get('token') ?? '';
    try {
      return await this.#enter({ method: 'login-link', token }, place, '../');
    } catch (error) {
      const { code, message } = error as HoldfastError;
      const status = problemOf(code ?? 'HF_INTERNAL', message).status;
      return shown(status, 'Not logged in', html`<p role="alert">${message}</p><p><a href="../login">Log in</a></p>`);
    }
  }

  async #who({ request }: Asked): Promise<Answer> {
    const { login, proof } = await this.#parts.logIns.of(request);
    const { user, groups = [] } = login.principal;
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, groups, method: proof.method, expires: login.expires }),
    };
  }

  async #logout({ request }: Asked): Promise<Answer> {
    if (!isFromOwnPage(request, false)) {
      return shown(403, 'Not from here', html`<p>This form is not one of this host.</p>`);
    }
    const secretShown = cookieIn(request.headers.cookie, this.#cookies.session);
    const person = secretShown === undefined ? undefined : this.#parts.logIns.sessions.find(secretShown);
    if (person?.session !== undefined) {
      this.#parts.logIns.sessions.end(person.session);
    }
    const gone = shown(200, 'Logged out', html`<p><a href="login">Log in again</a></p>`);
    return { ...gone, ended: true, headers: { 'set-cookie': [endCookie(this.#cookies.session)] } };
  }

  /** Rejects as `login` of the server. */
  async #enter(proof: Proof, place: LoginPlace, to: string): Promise<Answer> {
    const login = await this.#parts.server.login(proof, place);
    const cookie = this.#parts.logIns.sessions.open({ login, proof: kept(proof, login) });
    const forMs = Date.parse(login.expires) - this.#parts.clock.now();
    return elsewhere(to, [setCookie(this.#cookies.session, cookie, forMs), endCookie(this.#cookies.begun)]);
  }

  async #person(request: IncomingMessage): Promise<Person | undefined> {
    const { authorization, cookie } = request.headers;
    const isOne = authorization === undefined && cookieIn(cookie, this.#cookies.session) !== undefined;
    const person = isOne ? await this.#parts.logIns.of(request).catch(() => undefined) : undefined;
    return person?.session === undefined ? undefined : person;
  }

  #open(): Promise<Provider> {
    const { oidc, url } = this.#settings;
    if (oidc === undefined || url === undefined) {
      throw new HoldfastError('HF_LOGIN_REFUSED', 'this host has no single sign-on');
    }
    this.#provider ??= this.#parts.loadProvider().then((open) => open(oidc, `${url}${CALLBACK}`, this.#parts.clock));
    return this.#provider;
  }

  #failed(error: unknown, to: string, place: LoginPlace): Promise<Answer> | Answer {
    const { code, message } = error as Partial<HoldfastError> & Error;
    if (isDown(error)) {
      const again = this.#againHtml(to);
      const body = html`<p role="alert">The single sign-on of the site does not answer: ${message}.</p>${again}`;
      return shown(503, 'No single sign-on', body, { 'retry-after': '10' });
    }
    if (error instanceof HoldfastError) {
      // The server has said it, and told it.
      return shown(
        problemOf(code as HoldfastError['code'], '').status,
        'Not logged in',
        html`<p role="alert">${message}</p>${this.#againHtml(to)}`,
      );
    }
    return this.#refused(401, message, to, place);
  }

  /** The server tells it. */
  async #refused(status: number, reason: string, to: string, place: LoginPlace): Promise<Answer> {
    const issuer = this.#settings.oidc?.issuer;
    if (issuer !== undefined) {
      await this.#parts.server.login({ method: 'oidc', issuer, fault: reason }, place).catch(() => undefined);
    }
    return shown(status, 'Not logged in', html`<p role="alert">${reason}</p>${this.#againHtml(to)}`);
  }

  #againHtml(to: string): Html {
    const href = `/login${to === '/login' ? '' : `?to=${encodeURIComponent(to)}`}`;
    return html`<p><a href="${href}">Log in again</a></p>`;
  }
}

/** Where there is no other way. */
const LINK_HTML = html`<p>On the host, <code>holdfast token create --once --for 10m</code> makes the end of a link that does, once.</p>`;

function shown(status: number, title: string, body: Html, headers: Record<string, string> = {}): Answer {
  return { status, body: page(title, body), headers };
}

function elsewhere(location: string, cookies: readonly string[] = []): Answer {
  return { status: 303, headers: { location, ...(cookies.length > 0 && { 'set-cookie': cookies }) } };
}

function whoHtml({ login: { expires, principal } }: Person): Html {
  const groups = principal.groups?.length ? html`<p>Groups: ${principal.groups.join(', ')}</p>` : html``;
  // The gateway does not know the time zone of the reader.
  const until = expires.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC');
  return html`<p>You are <strong>${principal.user}</strong>, until ${until}.</p>${groups}<p><a href="./">All consoles</a></p><form method="post" action="logout"><button>Log out</button></form>`;
}

function formHtml(to: string | undefined, hasProvider: boolean): Html {
  const where = to === undefined ? html`` : html`<input type="hidden" name="to" value="${to}">`;
  const href = `login?with=oidc${to === undefined ? '' : `&to=${encodeURIComponent(to)}`}`;
  const other = hasProvider ? html`<p><a href="${href}">Log in with the single sign-on of the site</a></p>` : html``;
  return html`${other}<form method="post" action="login">${where}<label>User<input name="user" autocomplete="username" required autofocus></label><label>Password<input name="password" type="password" autocomplete="current-password" required></label><button>Log in</button></form>`;
}
