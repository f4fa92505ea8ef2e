// Logging in with a browser by the single sign-on of a site: a real provider, a real Chromium, a real server.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { browser, CHROMIUM } from '../harness/browser.ts';
import { certificateIn } from '../harness/certificates.ts';
import { freePort } from '../harness/free-port.ts';
import { HostUnderTest } from '../harness/host.ts';
import { missing } from '../harness/machine.ts';
import { startNginx } from '../harness/nginx.ts';
import { CLIENT_SECRET, type SignOn, signOn } from '../harness/sign-on.ts';
import { until } from '../harness/until.ts';

const skip = missing('openssl') || missing(CHROMIUM);

interface Site {
  readonly host: HostUnderTest;
  readonly url: string;
  readonly provider: SignOn;
  open(): Promise<BrowserContext>;
}

/** Where nginx connects from. */
const PROXY = '127.0.0.9';

/** `proxied`: behind an nginx, which speaks TLS and logs nobody in. */
async function site(t: TestContext, { proxied = false } = {}): Promise<Site> {
  const [port, plain] = [await freePort(), await freePort()];
  const url = `https://localhost:${port}`;
  const provider = await signOn(t, `${url}/login/callback`);
  provider.people.set('vera', ['vac-operators']);
  const host = await HostUnderTest.start(t, '');
  for (const folder of [host.folder, host.runtimeDir]) {
    // For a gateway that is nobody.
    chmodSync(folder, 0o711);
  }
  chmodSync(certificateIn(host.folder).key, 0o600);
  writeFileSync(join(host.folder, 'secret'), `${CLIENT_SECRET}\n`, { mode: 0o600 });
  host.configure(`
[console.vac]
run = ["/bin/cat"]
[[access.rule]]
who = ["everyone"]
may = ["read"]
[[access.rule]]
who = ["@vac-operators"]
may = ["restart"]
[network]
${
  proxied
    ? `listen = ["http://127.0.0.1:${plain}"]`
    : `listen = ["127.0.0.1:${port}"]\ncertificate = "host.pem"\nkey = "host.key"`
}
user = "nobody"
login = ["token"]
url = "${url}"
[network.oidc]
issuer = "${provider.issuer}"
client_id = "holdfast"
client_secret_file = "secret"
groups_claim = "realm_access.roles"
${proxied ? `[network.proxy]\nfrom = ["${PROXY}"]\naddress_header = "X-Forwarded-For"` : ''}
`);
  assert.equal((await host.command('reload')).code, 2);
  await host.event('the gateway', ({ text, type }) => type === 'network' && /listens at/.test(text ?? ''));
  if (proxied) {
    await startNginx(t, join(host.folder, 'nginx'), [
      `server {
        listen 127.0.0.1:${port} ssl;
        ssl_certificate ${host.folder}/host.pem;
        ssl_certificate_key ${host.folder}/host.key;
        location / {
          proxy_pass http://127.0.0.1:${plain};
          proxy_bind ${PROXY};
          proxy_http_version 1.1;
          proxy_buffering off;
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
        }
      }`,
    ]);
  }
  return { host, url, provider, open: await browser(t) };
}

/** As somebody does it; returns what came back. */
async function signIn(page: Page, url: string, user = 'vera', path = '/login'): Promise<number | undefined> {
  await page.goto(`${url}${path}`);
  await page.locator('input[name=user]').fill(user);
  const back = page.waitForResponse((response) => response.url().startsWith(`${url}/login/callback`));
  await page.getByRole('button').click();
  const status = (await back).status();
  await page.waitForLoadState();
  return status;
}

async function refusal({ host }: Site): Promise<string> {
  const event = await host.event('the refusal', ({ type }) => type === 'login');
  return 'reason' in event ? String(event.reason) : '';
}

async function ask(page: Page, path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  return page.evaluate(
    async ([to, how]) => {
      const answer = await fetch(to as string, { method: how as string });
      return { status: answer.status, body: await answer.text() };
    },
    [path, method],
  );
}

test('a good login: who it is, what its groups may, until it is over', { skip }, async (t) => {
  const { host, open, url } = await site(t);
  const context = await open();
  const page = await context.newPage();
  assert.equal(await signIn(page, url), 303);
  assert.match((await page.locator('main').textContent()) ?? '', /You are vera, until [\s\S]*Groups: vac-operators/);

  const [cookie, ...others] = await context.cookies(url);
  assert.deepEqual(others, []);
  const { httpOnly, name, path, sameSite, secure } = cookie ?? assert.fail('no cookie');
  assert.match(name, /^__Host-holdfast-[0-9a-f]{8}$/);
  assert.deepEqual({ httpOnly, path, sameSite, secure }, { httpOnly: true, path: '/', sameSite: 'Lax', secure: true });

  const { body } = await ask(page, '/login/who');
  const { groups, method, user } = JSON.parse(body) as Record<string, unknown>;
  assert.deepEqual({ groups, method, user }, { groups: ['vac-operators'], method: 'oidc', user: 'vera' });
  assert.equal((await ask(page, '/v1/consoles/vac/restart', 'POST')).status, 202);
  const told = await host.event('the restart', ({ by, type }) => type === 'state' && by?.user === 'vera');
  assert.equal(told.by?.assurance, 'vouched');
  const stop = await ask(page, '/v1/consoles/vac/stop', 'POST');
  assert.match(`${stop.status} ${stop.body}`, /^403 .*the right `stop`/);

  // A page of another host: its form comes without the cookie, and with its name.
  const evil = await context.newPage();
  await evil.route('http://evil.test/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${url}/v1/consoles/vac/restart"><button>x</button></form>`,
    }),
  );
  await evil.goto('http://evil.test/');
  const forged = evil.waitForResponse((response) => response.url().startsWith(url));
  await evil.getByRole('button').click();
  assert.equal((await forged).status(), 403);

  // Open connections end with the session.
  await page.evaluate(
    async (at) => {
      const socket = new WebSocket(at, ['holdfast.attach.v1']);
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      Object.assign(globalThis, {
        ended: new Promise((resolve) => socket.addEventListener('close', () => resolve('ended'))),
      });
    },
    `${url.replace('https', 'wss')}/v1/consoles/vac/attach`,
  );
  const other = await context.newPage();
  await other.goto(`${url}/login`);
  await other.getByRole('button', { name: 'Log out' }).click();
  await other.getByText('Log in again').waitFor();
  assert.equal(await page.evaluate(() => (globalThis as unknown as { ended: Promise<string> }).ended), 'ended');
  assert.equal((await ask(page, '/v1/consoles')).status, 401);
  assert.deepEqual(await context.cookies(url), []);
});

test('the page leads to the single sign-on, and from there to where one was', { skip }, async (t) => {
  const { open, url } = await site(t);
  const page = await (await open()).newPage();
  await page.goto(`${url}/#console/vac`);
  await page.locator('input[name=user]').fill('vera');
  await page.getByRole('button').click();
  await page.getByRole('heading', { name: 'vac' }).waitFor();
  assert.equal(page.url(), `${url}/#console/vac`);
  await page.getByText('Nobody has the keyboard').waitFor();
  await page.getByText('it takes the right `write`').waitFor();
});

test('what came back is taken once, and in the browser that began it', { skip }, async (t) => {
  const all = await site(t);
  const { open, url } = all;
  const context = await open();
  const page = await context.newPage();
  let came = '';
  page.on('request', (request) => {
    came = request.url().startsWith(`${url}/login/callback`) ? request.url() : came;
  });
  assert.equal(await signIn(page, url, 'vera', '/login?to=/v1/version'), 303);
  assert.equal(page.url(), `${url}/v1/version`);
  assert.equal((await page.goto(came))?.status(), 400);
  assert.match((await page.locator('main').textContent()) ?? '', /has come back before/);
  assert.match(await refusal(all), /has come back before/);

  // Begun in one browser, brought back by another: it would be logged in as somebody else.
  const [mine, theirs] = [await (await open()).newPage(), await (await open()).newPage()];
  await mine.route('**/login/callback?*', (route) => route.abort());
  const begun = mine.waitForRequest((request) => request.url().startsWith(`${url}/login/callback`));
  await mine.goto(`${url}/login`);
  await mine.locator('input[name=user]').fill('vera');
  await mine.getByRole('button').click({ noWaitAfter: true });
  assert.equal((await theirs.goto((await begun).url()))?.status(), 400);
  assert.equal((await theirs.goto(`${url}/login/who`))?.status(), 401);
});

test('a code that has expired, and a nonce that is not ours, log nobody in', { skip }, async (t) => {
  const all = await site(t);
  const { open, provider, url } = all;
  for (const [wrong, says] of [
    ['expired', /invalid_grant/],
    ['nonce', /nonce/],
  ] as const) {
    const page = await (await open()).newPage();
    provider.wrong = wrong;
    assert.equal(await signIn(page, url), 401, wrong);
    assert.match((await page.locator('[role=alert]').textContent()) ?? '', says);
    assert.equal((await page.goto(`${url}/login/who`))?.status(), 401);
    provider.wrong = '';
    assert.equal(await signIn(await (await open()).newPage(), url), 303, `after ${wrong}`);
  }
});

test('a provider that is not there: the page says so, tokens go on', { skip }, async (t) => {
  const { host, open, provider, url } = await site(t);
  const made = await host.command('token', 'create', '--user', 'jo', '--for', '1h', '--json');
  const { token } = JSON.parse(made.stdout) as { token: string };
  await provider.stop();
  const context = await open();
  const page = await context.newPage();
  assert.equal((await page.goto(`${url}/login`))?.status(), 503);
  assert.match((await page.locator('[role=alert]').textContent()) ?? '', /does not answer: .*ECONNREFUSED/);
  const answer = await context.request.get(`${url}/v1/consoles`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status(), 200);
  await provider.start();
  await until('the provider', async () => (await page.goto(`${url}/login`))?.status() !== 503);
  assert.equal(await signIn(page, url), 303);
});

test('behind a reverse proxy: the way there and back, the cookie, pages and sockets under the public name', {
  skip: skip || missing('nginx'),
}, async (t) => {
  const { host, open, url } = await site(t, { proxied: true });
  const context = await open();
  const page = await context.newPage();
  await until('nginx', () => context.request.get(url).catch(() => undefined));
  assert.equal(await signIn(page, url, 'vera', '/login?to=/v1/version'), 303);
  assert.equal(page.url(), `${url}/v1/version`);
  const [{ name, path, secure } = assert.fail('no cookie'), ...others] = await context.cookies(url);
  assert.match(name, /^__Host-holdfast-/);
  assert.deepEqual([path, secure, others], ['/', true, []]);

  assert.equal((await ask(page, '/v1/consoles/vac/restart', 'POST')).status, 202);
  const { by } = await host.event('the restart', (event) => event.type === 'state' && event.by?.user === 'vera');
  assert.deepEqual([by?.from, by?.groups], ['127.0.0.1', ['vac-operators']], 'where the browser is');
  const opened = await page.evaluate(
    (at) =>
      new Promise((resolve) => {
        const socket = new WebSocket(at, ['holdfast.attach.v1']);
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      }),
    `${url.replace('https', 'wss')}/v1/consoles/vac/attach`,
  );
  assert.equal(opened, 'open');

  const stranger = await open();
  const forged = await stranger.request.get(`${url}/login/who`, { headers: { 'x-forwarded-user': 'vera' } });
  assert.equal(forged.status(), 401, 'the proxy names nobody, whatever its clients send');
});
