// Logging in with a browser, piece by piece: claims, cookies, what another page may do, logins that were begun, sessions, pages.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { BEGUN_MS, BegunLogins } from '../../src/gateway/begun-logins.ts';
import { claimAt, personIn } from '../../src/gateway/claims.ts';
import { cookieIn, cookiesOf, endCookie, setCookie } from '../../src/gateway/cookies.ts';
import { isFromOtherPage, isFromOwnPage, pathHere } from '../../src/gateway/own-page.ts';
import { html, page } from '../../src/gateway/pages.ts';
import { type OpenProvider, ProviderError } from '../../src/gateway/provider-port.ts';
import { Sessions } from '../../src/gateway/sessions.ts';
import type { KeptSession } from '../../src/model/gateway-protocol.ts';
import type { Principal } from '../../src/model/principal.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { missing } from '../harness/machine.ts';
import { networkDoor } from '../harness/network-door.ts';
import { until } from '../harness/until.ts';

const skip = missing('openssl');
const SESSION_COOKIE = cookiesOf('test').session;
const NAMES = { userClaim: 'preferred_username', groupsClaim: 'realm_access.roles' };

test('a claim is found by its name, or by the way to it', () => {
  const claims = { a: { b: ['x'] }, 'https://x.org/groups': ['y'], 'a.c': 'z' };
  for (const [name, found] of [
    ['a.b', ['x']],
    ['https://x.org/groups', ['y']],
    ['a.c', 'z'],
    ['a.b.c', undefined],
    ['toString', undefined],
    ['a.constructor', undefined],
    ['__proto__', undefined],
  ] as const) {
    assert.deepEqual(claimAt(claims, name), found, name);
  }
});

test('who somebody is; what is not a name, or too much, is refused whole', () => {
  const user = { preferred_username: 'vera' };
  const roles = (list: unknown) => ({ ...user, realm_access: { roles: list } });
  assert.deepEqual(personIn(roles(['b', 'a', 'b']), NAMES), { user: 'vera', groups: ['b', 'a'] });
  assert.deepEqual(personIn(roles('one'), NAMES), { user: 'vera', groups: ['one'] });
  assert.deepEqual(personIn(user, NAMES), { user: 'vera', groups: [] });
  for (const [claims, wrong] of [
    [{}, /does not say who it is/],
    [{ preferred_username: 7 }, /does not say who it is/],
    [roles([1]), /not a list/],
    [roles(['a\nb']), /not a list/],
    [roles({ a: 1 }), /not a list/],
    [roles(Array.from({ length: 257 }, (_, index) => `g${index}`)), /257 groups/],
    [roles(Array.from({ length: 30 }, (_, index) => `${index}${'x'.repeat(250)}`)), /30 groups/],
    [{ ...user, _claim_names: { 'realm_access.roles': 'src1' } }, /more groups than the provider says/],
  ] as const) {
    assert.throws(() => personIn(claims, NAMES), wrong);
  }
});

test('cookies: the first of a name, and all that keeps one', () => {
  assert.equal(cookieIn(`a=1; ${SESSION_COOKIE}=x=y;${SESSION_COOKIE}=z`, SESSION_COOKIE), 'x=y');
  assert.equal(cookieIn(`x${SESSION_COOKIE}=1`, SESSION_COOKIE), undefined);
  assert.equal(cookieIn(undefined, SESSION_COOKIE), undefined);
  assert.equal(
    setCookie(SESSION_COOKIE, 'x', 61_500),
    '__Host-holdfast-test=x; Max-Age=61; Path=/; Secure; HttpOnly; SameSite=Lax',
  );
  assert.match(endCookie(SESSION_COOKIE), /^__Host-holdfast-test=; Max-Age=0; /);
});

test('what a page may do with the cookie of a browser', () => {
  const origin = { origin: 'https://localhost' };
  for (const [method, upgrades, headers, may] of [
    ['GET', false, {}, true],
    ['GET', false, { 'sec-fetch-site': 'same-origin' }, true],
    ['GET', false, { 'sec-fetch-site': 'none' }, true],
    ['GET', false, { 'sec-fetch-site': 'cross-site' }, false],
    ['GET', false, { 'sec-fetch-site': 'same-site' }, false],
    ['GET', true, {}, false],
    ['GET', true, origin, true],
    ['GET', true, { ...origin, 'sec-fetch-site': 'same-site' }, false],
    ['POST', false, {}, false],
    ['POST', false, origin, true],
    ['POST', false, { 'sec-fetch-site': 'same-origin' }, true],
    ['POST', false, { 'sec-fetch-site': 'none' }, false],
    ['POST', false, { ...origin, 'sec-fetch-site': 'cross-site' }, false],
    ['DELETE', false, {}, false],
  ] as const) {
    assert.equal(isFromOwnPage({ method, headers }, upgrades), may, `${method} ${upgrades} ${JSON.stringify(headers)}`);
  }
});

test('what another page had sent is not asked for; a link of it is', () => {
  for (const [site, dest, is] of [
    [undefined, undefined, false],
    ['same-origin', 'empty', false],
    ['none', 'document', false],
    ['cross-site', 'document', false],
    ['cross-site', 'iframe', true],
    ['same-site', 'empty', true],
    ['cross-site', undefined, true],
  ] as const) {
    const headers = { ...(site && { 'sec-fetch-site': site }), ...(dest && { 'sec-fetch-dest': dest }) };
    assert.equal(isFromOtherPage({ headers }), is, JSON.stringify(headers));
  }
});

test('after a login one goes to a path of this host, and nowhere else', () => {
  for (const to of ['/', '/consoles/vac?x=1#y', '/a//b', '/%2f%2fevil.test']) {
    assert.equal(pathHere(to), to);
  }
  for (const to of [
    ...[null, '', 'consoles', 'https://evil.test/', '//evil.test', '/\\evil.test', '\\\\evil.test', '/a\\b'],
    ...['/\t/evil.test', '/\n', ' /', 'javascript:alert(1)', `/${'x'.repeat(3000)}`],
  ]) {
    assert.equal(pathHere(to), undefined, String(to));
  }
});

test('a login that was begun comes back once, soon, and to its browser', () => {
  const clock = new FakeClock();
  const begun = new BegunLogins(clock);
  const one = begun.begin('/x', 'mine', '10.0.0.1');
  assert.equal(begun.take(one.state, 'other'), undefined);
  assert.equal(begun.take(one.state, undefined), undefined);
  assert.equal(begun.take(one.state, 'mine')?.to, '/x');
  assert.equal(begun.take(one.state, 'mine'), undefined);
  const late = begun.begin('/', 'mine', '10.0.0.1');
  clock.advance(BEGUN_MS);
  assert.equal(begun.take(late.state, 'mine'), undefined);
});

test('one address that only begins takes nobody else a place, and many take no more than there are', () => {
  const begun = new BegunLogins(new FakeClock());
  const other = begun.begin('/', 'b', '10.0.0.2');
  for (let count = 0; count < 100; count++) {
    begun.begin('/', 'a', '10.0.0.1');
  }
  assert.equal(begun.size, 33);
  assert.ok(begun.take(other.state, 'b'));
  for (let count = 0; count < 2000; count++) {
    begun.begin('/', 'a', `10.1.${count % 250}.${count}`);
  }
  assert.equal(begun.size, 1024);
});

test('a session ends with its login, after an hour unused, and when there are too many of one user', () => {
  const clock = new FakeClock();
  const kept = new Map<string, KeptSession>();
  const keeper = {
    opened: (session: KeptSession) => kept.set(session.key, session),
    ended: (key: string) => kept.delete(key),
  };
  const sessions = new Sessions(clock, keeper);
  const principal: Principal = { user: 'vera', channel: 'network', from: 'x', assurance: 'vouched' };
  const proof = { method: 'oidc', issuer: 'i', user: 'vera', groups: [] } as const;
  const open = (hours: number) =>
    sessions.open({ proof, login: { principal, expires: new Date(clock.now() + hours * 3_600_000).toISOString() } });
  const [used, unused] = [open(2), open(9)];
  for (let minutes = 0; minutes < 118; minutes += 59) {
    clock.advance(59 * 60_000);
    assert.ok(sessions.find(used));
  }
  assert.equal(sessions.find(unused), undefined);
  clock.advance(2 * 60_000);
  assert.equal(sessions.find(used), undefined);
  assert.equal(sessions.find('guessed'), undefined);
  const [first, second] = [open(9), open(9)];
  for (let count = 0; count < 31; count++) {
    open(9);
  }
  assert.equal(sessions.find(first), undefined);
  assert.ok(sessions.find(second));

  // The next gateway gets the existing sessions, and can end them as well.
  assert.equal(kept.size, sessions.size);
  const next = new Sessions(clock, keeper);
  for (const session of kept.values()) {
    next.restore(session);
  }
  assert.equal(next.find(second)?.login.principal.user, 'vera');
  assert.equal(JSON.stringify([...kept.values()]).includes(second), false, 'the hash only');
  clock.advance(61 * 60_000);
  next.sweep();
  assert.equal(kept.size, 0);
});

test('what is put into a page is text', () => {
  const shown = page('<t>', html`<p title="${'"x'}">${"<script>'&"}</p>${html`<b>ok</b>`}`);
  assert.match(shown, /<title>&#60;t&#62; - Holdfast<\/title>/);
  assert.match(shown, /<p title="&#34;x">&#60;script&#62;&#39;&#38;<\/p><b>ok<\/b>/);
});

const OIDC = {
  ...{ issuer: 'https://sso.example.org', clientId: 'holdfast', scopes: ['openid'] },
  ...{ userClaim: 'name', groupsClaim: 'groups' },
};

async function site(
  t: Parameters<typeof networkDoor>[0],
  provider?: OpenProvider,
  login = ['token', 'password'] as const,
  server = 'test',
) {
  const clock = new FakeClock();
  const host = new FakeHost();
  host.add('vac');
  const url = 'https://localhost';
  const settings = { server, url, login, ...(provider && { oidc: OIDC }) };
  const door = await networkDoor(t, openDoor(host), settings, clock, undefined, provider);
  const send = async (line: string, headers = '', body = '') => {
    const answer = await door.exchange(
      `${line} HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    const cookies = [...answer.matchAll(/^set-cookie: ([^;]*)/gim)].map(([, pair = '']) => pair);
    return { answer, cookies, status: Number(answer.split(' ')[1]) };
  };
  return { ...door, clock, host, send };
}

/** Says who it is by its code. */
const willing: OpenProvider = () => ({
  begin: async ({ state }) => new URL(`https://sso.example.org/auth?state=${state}`),
  finish: async (query) => ({ name: new URLSearchParams(query).get('code'), groups: ['g'] }),
});
const cookie = (pairs: readonly string[]) => `Cookie: ${pairs.join('; ')}\r\n`;
const OURS = 'Origin: https://localhost\r\n';

test('the single sign-on: there, back, in, as whom it says, and out', { skip }, async (t) => {
  const { host, send } = await site(t, willing);
  const there = await send('GET /login?with=oidc&to=/v1/version');
  const state = /^location: https:\/\/sso\.example\.org\/auth\?state=(\S+)/im.exec(there.answer)?.[1];
  const back = await send(`GET /login/callback?state=${state}&code=vera`, cookie(there.cookies));
  assert.match(back.answer, /^HTTP\/1\.1 303 [\s\S]*location: \/v1\/version/i);
  const [session = ''] = back.cookies;
  const mine = cookie([session]);
  assert.match((await send('GET /login/who', mine)).answer, /"user":"vera","groups":\["g"\],"method":"oidc"/);
  assert.equal((await send('POST /v1/consoles/vac/restart', mine)).status, 403);
  assert.equal(host.calls.length, 0);
  assert.equal((await send('POST /v1/consoles/vac/restart', `${mine}${OURS}`)).status, 202);
  assert.equal((await send('POST /logout', mine)).status, 403);
  const out = await send('POST /logout', `${mine}${OURS}`);
  assert.match(out.answer, /^HTTP\/1\.1 200 [\s\S]*content-security-policy: default-src 'none'/i);
  assert.equal((await send('GET /login/who', mine)).status, 401);
});

test('two servers of one host: a login to one, and its end, leave that to the other', { skip }, async (t) => {
  const sites = await Promise.all(['one', 'other'].map((server) => site(t, undefined, undefined, server)));
  /** As a browser has them: by their names, whatever the port. */
  const jar = new Map<string, string>();
  const send = async (at: number, line: string, body = '') => {
    const sent = await sites[at]?.send(line, `${cookie([...jar.values()])}${OURS}`, body);
    for (const pair of sent?.cookies ?? []) {
      jar.set(pair.split('=')[0] as string, pair);
    }
    return sent?.status;
  };
  for (const at of [0, 1]) {
    assert.equal(await send(at, 'POST /login/once', 'token=good'), 303);
  }
  assert.deepEqual([await send(0, 'GET /login/who'), await send(1, 'GET /login/who')], [200, 200]);
  assert.equal(await send(1, 'POST /logout'), 200);
  assert.deepEqual([await send(0, 'GET /login/who'), await send(1, 'GET /login/who')], [200, 401]);
});

test('what came back twice, from nowhere, or to another browser is refused, and the server is told', {
  skip,
}, async (t) => {
  const { logins, send } = await site(t, willing);
  const there = await send('GET /login?with=oidc');
  const state = /\?state=(\S+)/.exec(there.answer)?.[1];
  const back = `GET /login/callback?state=${state}&code=vera`;
  assert.equal((await send(back)).status, 400);
  assert.equal((await send('GET /login/callback?state=x&code=vera', cookie(there.cookies))).status, 400);
  assert.equal((await send(back, cookie(there.cookies))).status, 303);
  assert.equal((await send(back, cookie(there.cookies))).status, 400);
  assert.equal(logins.asked.filter((proof) => 'fault' in proof).length, 3);
});

test('a provider that is down, or refuses, is told in words, escaped', { skip }, async (t) => {
  let isDown = true;
  const { send } = await site(t, () => ({
    begin: async ({ state }) => {
      if (isDown) {
        throw new ProviderError('<connect>', true);
      }
      return new URL(`https://sso.example.org/?state=${state}`);
    },
    finish: async () => {
      throw new ProviderError('access_denied', false);
    },
  }));
  assert.match(
    (await send('GET /login?with=oidc')).answer,
    /^HTTP\/1\.1 503 [\s\S]*does not answer: &#60;connect&#62;/,
  );
  isDown = false;
  const there = await send('GET /login?with=oidc');
  const state = /\?state=(\S+)/.exec(there.answer)?.[1];
  const back = await send(`GET /login/callback?state=${state}`, cookie(there.cookies));
  assert.match(back.answer, /^HTTP\/1\.1 401 [\s\S]*access_denied/);
  assert.ok(!back.cookies.some((pair) => pair.startsWith(SESSION_COOKIE)));
});

test('a link posts what is behind its #, and buys a session that lasts', { skip }, async (t) => {
  const { clock, logins, send } = await site(t);
  const { answer } = await send('GET /login/once');
  const [, policy = ''] = /content-security-policy: (.*)/.exec(answer) ?? [];
  const scripts = [...answer.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
  const digests = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  assert.deepEqual(new Set(/script-src ([^;]*);/.exec(policy)?.[1]?.split(' ')), new Set(digests));
  assert.equal((await send('POST /login/once', '', 'token=good')).status, 403);
  assert.match((await send('POST /login/once', OURS, 'token=bad')).answer, /^HTTP\/1\.1 401 [\s\S]*role="alert"/);
  const come = await send('POST /login/once', OURS, 'token=good');
  assert.match(come.answer, /^HTTP\/1\.1 303 [\s\S]*location: \.\.\/\r/i);
  clock.advance(11_000);
  assert.equal((await send('GET /login/who', `Cookie: ${come.cookies[0]}\r\n`)).status, 200);
  assert.deepEqual(logins.asked.at(-1), { method: 'login-link', user: 'vera', remains: true }, 'the link is used up');
});

test('a password buys a session, which may attach, and ends when passwords are no way to log in any more', {
  skip,
}, async (t) => {
  const { clock, link, listens, port, send, settings } = await site(t);
  assert.match((await send('GET /login')).answer, /^HTTP\/1\.1 200 [\s\S]*type="password"/);
  assert.equal((await send('POST /login', '', 'user=vera&password=right')).status, 403);
  assert.match(
    (await send('POST /login', OURS, 'user=vera&password=wrong')).answer,
    /^HTTP\/1\.1 401 [\s\S]*role="alert"/,
  );
  const come = await send('POST /login', OURS, 'user=vera&password=right&to=//evil.test');
  assert.match(come.answer, /^HTTP\/1\.1 303 [\s\S]*location: login\r/i);
  const [session = ''] = come.cookies;
  const attach = (origin?: string) => {
    const headers = { cookie: session, ...(origin === undefined ? {} : { origin }) };
    const socket = new WebSocket(`wss://localhost:${port}/v1/consoles/vac/attach`, ['holdfast.attach.v1'], {
      ...{ headers: { ...headers, host: 'localhost' }, ca: settings.certificate },
    });
    t.after(() => socket.terminate());
    return socket;
  };
  for (const origin of [undefined, 'https://evil.test']) {
    const [error] = (await once(attach(origin), 'error')) as [Error];
    assert.match(error.message, /403/);
  }
  const mine = attach('https://localhost');
  await once(mine, 'open');
  const closed = once(mine, 'close');
  link.tell({ ...settings, login: ['token'] });
  await until('the settings', () => listens.length === 2);
  clock.advance(11_000);
  await closed;
});

test('a session by a password ends with the account: what is open, and the next request', { skip }, async (t) => {
  const { clock, logins, port, send, settings } = await site(t);
  const enter = async () => cookie((await send('POST /login', OURS, 'user=vera&password=right')).cookies.slice(0, 1));
  const [mine, idle] = [await enter(), await enter()];
  const socket = new WebSocket(`wss://localhost:${port}/v1/consoles/vac/attach`, ['holdfast.attach.v1'], {
    ...{ headers: { cookie: mine.slice('Cookie: '.length).trim(), host: 'localhost' }, origin: 'https://localhost' },
    ca: settings.certificate,
  });
  t.after(() => socket.terminate());
  await once(socket, 'open');
  assert.equal((await send('GET /login/who', idle)).status, 200);
  logins.gone.add('vera');
  const closed = once(socket, 'close');
  clock.advance(11_000);
  await closed;
  const asked = logins.asked.length;
  for (const each of [mine, idle, mine, idle]) {
    assert.equal((await send('GET /login/who', each)).status, 401);
  }
  assert.ok(logins.asked.length <= asked + 2, 'a session that is over is not asked about again');
});
