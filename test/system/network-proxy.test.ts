// A real nginx in front of the gateway, over plain HTTP on loopback and over a unix socket: it logs people in, and says who is there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { freePort } from '../harness/free-port.ts';
import { HostUnderTest } from '../harness/host.ts';
import { isRoot, missing } from '../harness/machine.ts';
import { startNginx, WORKER } from '../harness/nginx.ts';
import { until } from '../harness/until.ts';

const skip = missing('nginx', 'openssl');
const CONSOLE = '[console.vac]\nrun = ["/bin/cat"]\n';
const RULES = `[access]
[[access.rule]]
who = ["vera"]
may = ["write", "operate"]
[[access.limit]]
who = ["from:127.0.0.6"]
may = ["read"]
`;
/** Where nginx connects from. */
const PROXY = '127.0.0.9';
const PUBLIC = 'control.example.org';

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly from?: string;
  readonly headers?: Record<string, string>;
}

const basic = (user: string, password = 'secret') => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

async function nginx(t: TestContext, folder: string, upstreams: Record<number, string>): Promise<void> {
  const users = join(folder, 'users');
  const hash = execFileSync('openssl', ['passwd', '-apr1', 'secret'], { encoding: 'utf8' });
  writeFileSync(users, `vera:${hash}jo:${hash}`);
  const servers = Object.entries(upstreams).map(
    ([port, upstream]) => `server {
      listen 127.0.0.1:${port};
      auth_basic "site";
      auth_basic_user_file ${users};
      location / {
        proxy_pass ${upstream};
        ${upstream.includes('unix:') ? '' : `proxy_bind ${PROXY};`}
        proxy_http_version 1.1;
        proxy_buffering off;
        proxy_set_header Host $host;
        proxy_set_header Authorization "";
        proxy_set_header X-Forwarded-User $remote_user;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
      }
    }`,
  );
  await startNginx(t, folder, servers);
}

/** Its answer, once nginx listens. */
async function ask(port: number, { from, headers = {}, method = 'GET', path = '/v1/consoles' }: Asked) {
  for (;;) {
    const sent = request({
      ...{ host: '127.0.0.1', port, method, path, agent: false, headers: { host: PUBLIC, ...headers } },
      ...(from === undefined ? {} : { localAddress: from }),
    });
    sent.end();
    const answer = await new Promise<{ status: number; text: string } | undefined>((resolve) => {
      sent.once('error', () => resolve(undefined));
      sent.once('response', (response) => {
        let text = '';
        response.on('data', (data) => {
          text += String(data);
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
    });
    if (answer !== undefined) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('through nginx people do what the rules say, from where they are; past it nobody', { skip }, async (t) => {
  const host = await HostUnderTest.start(t, CONSOLE);
  for (const folder of [host.folder, host.runtimeDir]) {
    chmodSync(folder, 0o711);
  }
  const sockets = join(host.folder, 'http');
  mkdirSync(sockets);
  chmodSync(sockets, 0o777);
  const socket = join(sockets, 'gateway');
  const [plain, byTcp, byUnix] = [await freePort(), await freePort(), await freePort()];
  host.configure(`${CONSOLE}${RULES}
[network]
listen = ["http://127.0.0.1:${plain}", "unix:${socket}"]
login = ["token"]
user = "nobody"
url = "https://${PUBLIC}"
[network.proxy]
from = ["${PROXY}", "user:${WORKER}"]
user_header = "X-Forwarded-User"
address_header = "X-Forwarded-For"
`);
  assert.equal((await host.command('reload')).code, 2);
  const listens = `the gateway listens at http://127.0.0.1:${plain}, unix:${socket}`;
  await host.event('the gateway', (event) => event.type === 'network' && event.text === listens);
  const folder = join(host.folder, 'nginx');
  mkdirSync(folder);
  await nginx(t, folder, {
    [byTcp]: `http://127.0.0.1:${plain}`,
    [byUnix]: `http://unix:${socket}:`,
  });

  for (const [name, port] of Object.entries({ 'plain HTTP on loopback': byTcp, 'a unix socket': byUnix })) {
    const vera = { authorization: basic('vera') };
    await t.test(`${name}: somebody, and where from`, async () => {
      assert.match((await ask(port, { headers: vera })).text, /"name":"vac"/);
      const restart = { path: '/v1/consoles/vac/restart', method: 'POST', from: '127.0.0.5' };
      const spoofed = { 'x-forwarded-for': '127.0.0.6', 'x-forwarded-user': 'root', 'content-length': '0' };
      const sent = Date.now();
      assert.equal((await ask(port, { ...restart, headers: { ...vera, ...spoofed } })).status, 202);
      const { by } = await host.event('the restart', (event) => {
        return event.type === 'state' && event.by?.channel === 'network' && Date.parse(event.time) >= sent;
      });
      assert.deepEqual(by, { user: 'vera', channel: 'network', from: '127.0.0.5', assurance: 'vouched' });
      const limited = await ask(port, { ...restart, from: '127.0.0.6', headers: { ...vera, 'content-length': '0' } });
      assert.deepEqual([limited.status, /HF_FORBIDDEN/.test(limited.text)], [403, true]);
      const other = await ask(port, { ...restart, headers: { authorization: basic('jo'), 'content-length': '0' } });
      assert.equal(other.status, 403);
    });

    await t.test(`${name}: not without nginx's login, and not from another page`, async () => {
      const wrong = { authorization: basic('vera', 'wrong'), 'x-forwarded-user': 'vera' };
      assert.deepEqual(await ask(port, { headers: wrong }).then(({ status, text }) => [status, /nginx/.test(text)]), [
        401,
        true,
      ]);
      const evil = { ...vera, origin: 'https://evil.example' };
      assert.equal((await ask(port, { headers: evil })).status, 403);
      assert.equal((await ask(port, { headers: { ...vera, origin: `https://${PUBLIC}` } })).status, 200);
    });

    await t.test(`${name}: attached, typed into, read`, async () => {
      await host.state('vac', 'running');
      const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/consoles/vac/attach?write=1`, ['holdfast.attach.v1'], {
        headers: { host: PUBLIC, ...vera },
        origin: `https://${PUBLIC}`,
      });
      let output = '';
      ws.on('message', (data: Buffer, isBinary) => {
        output += isBinary ? data.subarray(8).toString('latin1') : '';
      });
      await once(ws, 'open');
      t.after(() => ws.terminate());
      ws.send(Buffer.from(`hello by ${name}\r`));
      await until('the echo', () => output.includes(`hello by ${name}`));
      ws.close();
      await once(ws, 'close');
    });
  }

  await t.test('past nginx the header is nothing', async () => {
    const forged = { 'x-forwarded-user': 'vera', 'x-forwarded-for': PROXY };
    const direct = await ask(plain, { headers: forged });
    assert.deepEqual([direct.status, /HF_LOGIN_REFUSED/.test(direct.text)], [401, true]);
    if (isRoot) {
      // As root, which is not the user of nginx.
      const curl = ['-s', '--unix-socket', socket, '-H', 'X-Forwarded-User: vera', `http://${PUBLIC}/v1/consoles`];
      assert.match(execFileSync('curl', curl, { encoding: 'utf8' }), /HF_LOGIN_REFUSED/);
    }
  });
});
