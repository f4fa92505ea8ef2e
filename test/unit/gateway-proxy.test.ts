// Behind a reverse proxy: HTTP without TLS, the headers of the right peer and of wrong ones, addresses of clients, names of the site.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { TrustedProxy } from '../../src/gateway/trusted-proxy.ts';
import type { GatewayProxy, GatewaySettings } from '../../src/model/gateway-protocol.ts';
import type { Principal } from '../../src/model/principal.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openParts } from '../fakes/open-door.ts';
import { SeenDoor } from '../fakes/seen-door.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';
import { atEnd } from '../harness/at-end.ts';
import { authority } from '../harness/certificates.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';
import { networkDoor } from '../harness/network-door.ts';
import { until } from '../harness/until.ts';

const skip = missing('openssl');
/** The proxy connects from here, strangers from elsewhere on loopback. */
const PROXY = '127.0.0.2';
const HEADERS = { userHeader: 'x-forwarded-user', groupsHeader: 'x-groups', addressHeader: 'x-forwarded-for' };

async function site(t: TestContext, more: Partial<GatewaySettings> = {}) {
  const host = new FakeHost();
  host.add('vac');
  const door = new SeenDoor(openParts(host));
  const { seen: people } = door;
  const path = join(temporaryDirectory(t), 'http');
  const uids = [process.getuid?.() ?? 0];
  const network = await networkDoor(t, door, {
    listen: [{ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: 0, plain: true }, { path }],
    proxy: { ...HEADERS, networks: [PROXY, '10.1.0.0/16'], uids },
    ...more,
  });
  atEnd(t, () => assert.deepEqual(network.faults, []));
  const plain = Number(/^http:\/\/127\.0\.0\.1:(\d+)$/.exec(network.listens[0]?.[1] ?? '')?.[1]);
  const exchange = async (at: NetConnectOpts, headers: string, line = 'GET /v1/version'): Promise<string> => {
    const socket = connect(at, () => socket.write(`${line} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`, 'latin1'));
    let answer = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      answer += String(data);
    });
    await once(socket, 'close');
    return answer;
  };
  const from = (localAddress: string) => ({ host: '127.0.0.1', port: plain, localAddress });
  /** The answer's status, and who the server saw. */
  const ask = async (at: NetConnectOpts, ...headers: readonly string[]): Promise<[number, Principal | undefined]> => {
    people.splice(0);
    const answer = await exchange(at, ['Host: localhost', ...headers, ''].join('\r\n'));
    return [Number(answer.split(' ')[1]), people[0]];
  };
  return { ...network, host, plain, path, people, exchange, from, ask };
}

const VERA = 'X-Forwarded-User: vera';

test('the header of the proxy says who is there, where from, and in which groups', { skip }, async (t) => {
  const { ask, from, path } = await site(t);
  const vouched = { user: 'vera', channel: 'network', assurance: 'vouched' };
  const [status, who] = await ask(from(PROXY), VERA, 'X-Groups: ops, experts,,ops', 'X-Forwarded-For: 10.9.9.9');
  assert.deepEqual([status, who], [200, { ...vouched, from: '10.9.9.9', groups: ['ops', 'experts'] }]);
  const [, { port, ...near } = {} as Principal] = await ask(from(PROXY), VERA);
  assert.ok(Number(port) > 0);
  assert.deepEqual(near, { ...vouched, from: PROXY });
  assert.deepEqual(await ask({ path }, VERA), [200, { ...vouched, from: 'localhost' }]);
  const ofPage = await ask({ path }, VERA, 'Sec-Fetch-Site: same-origin');
  assert.deepEqual(ofPage, [200, { ...vouched, channel: 'web', from: 'localhost' }], 'by the page');
  const [, other] = await ask(from(PROXY), `X-Forwarded-User: ${Buffer.from('jürgen').toString('latin1')}`);
  assert.equal(other?.user, 'jürgen');
});

test('anybody else may send it and is nobody; a token counts there as everywhere', { skip }, async (t) => {
  const { ask, from, exchange, connect: tls } = await site(t);
  assert.deepEqual(await ask(from('127.0.0.1'), VERA, 'X-Forwarded-For: 10.9.9.9'), [401, undefined]);
  const [status, who] = await ask(from('127.0.0.1'), VERA, 'X-Groups: ops', 'Authorization: Bearer good');
  assert.deepEqual([status, who?.assurance, who?.groups, who?.from], [200, 'token', undefined, '127.0.0.1']);
  const socket = tls();
  socket.write(`GET /v1/version HTTP/1.1\r\nHost: localhost\r\n${VERA}\r\nConnection: close\r\n\r\n`);
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 401 /);
  assert.match(await exchange(from(PROXY), 'Host: localhost\r\n'), /^HTTP\/1\.1 401 [\s\S]*nobody is logged in/);
});

test('at a unix socket it is the user of the proxy that counts', { skip }, async (t) => {
  const { ask, path } = await site(t, { proxy: { ...HEADERS, networks: ['0.0.0.0/0', '::/0'], uids: [] } });
  assert.equal(statSync(path).mode & 0o777, 0o666, 'everybody may connect');
  assert.deepEqual(await ask({ path }, VERA), [401, undefined]);
  assert.equal((await ask({ path }, 'Authorization: Bearer good'))[0], 200);
});

test('behind the proxy tokens are good as well, from where the client is; its own certificate is not', {
  skip,
}, async (t) => {
  const folder = temporaryDirectory(t);
  const { made, ca } = authority(folder, 'people');
  const { ask, from, port, settings } = await site(t, { clientCa: ca });
  const [status, who] = await ask(from(PROXY), 'Authorization: Bearer good', 'X-Forwarded-For: 10.9.9.9');
  assert.deepEqual([status, who?.assurance, who?.from], [200, 'token', '10.9.9.9']);
  const certified = async (localAddress: string): Promise<string> => {
    const at = { port, host: '127.0.0.1', localAddress, servername: 'localhost', ca: settings.certificate };
    const socket = connectTls({ ...at, ...made('proxy') } as ConnectionOptions);
    socket.on('error', () => undefined);
    socket.write('GET /v1/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    return String((await once(socket, 'data'))[0]);
  };
  assert.match(await certified('127.0.0.1'), /^HTTP\/1\.1 200 /);
  assert.match(await certified(PROXY), /^HTTP\/1\.1 401 /);
});

test('the word of the proxy goes before a session of that browser, which others still have', { skip }, async (t) => {
  const { ask, from, plain } = await site(t);
  const here = `http://127.0.0.1:${plain}`;
  const body = new URLSearchParams({ user: 'jo', password: 'right' });
  const come = await fetch(`${here}/login`, { method: 'POST', headers: { origin: here }, body, redirect: 'manual' });
  const [cookie = ''] = come.headers.getSetCookie();
  const jo = `Cookie: ${cookie.split(';')[0]}`;
  const who = async (...how: Parameters<typeof ask>) => {
    const [status, by] = await ask(...how);
    return [status, by?.user, by?.assurance];
  };
  assert.deepEqual(await who(from(PROXY), VERA, jo), [200, 'vera', 'vouched']);
  assert.deepEqual(await who(from(PROXY), jo), [200, 'jo', 'password'], 'of nobody the proxy says nothing');
  assert.deepEqual(await who(from('127.0.0.1'), VERA, jo), [200, 'jo', 'password'], 'that is not the proxy');
  assert.deepEqual(await who(from(PROXY), VERA, jo, 'Authorization: Bearer good'), [200, 'vera', 'vouched']);
});

test('a user that is missing, given twice, or rubbish', { skip }, async (t) => {
  const { ask, from } = await site(t);
  for (const headers of [[], ['X-Forwarded-User:'], ['X-Forwarded-User: (null)']]) {
    assert.deepEqual(await ask(from(PROXY), ...headers), [401, undefined], headers.join());
  }
  for (const headers of [
    [VERA, 'x-forwarded-user: root'],
    ['X-Forwarded-User: \xff\xfe'],
    [VERA, 'X-Groups: ops', 'X-Groups: experts'],
    [VERA, `X-Groups: ${'group,'.repeat(1100)}`],
    [VERA, 'X-Forwarded-For: unknown'],
    [VERA, 'X-Forwarded-For: 10.0.0.1, '],
    [VERA, 'X-Forwarded-For: 1.2.3.4.5'],
  ]) {
    assert.deepEqual(await ask(from(PROXY), ...headers), [400, undefined], headers.join());
  }
});

test('of the addresses the last counts that is not a proxy: what clients send of themselves does not', {
  skip,
}, async (t) => {
  const { ask, from } = await site(t);
  for (const [said, client] of [
    ['10.9.9.9', '10.9.9.9'],
    ['10.9.9.9:4711', '10.9.9.9'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['::ffff:10.9.9.9', '10.9.9.9'],
    // The first is the word of the client; rubbish there is not looked at.
    ['127.0.0.1, 10.9.9.9', '10.9.9.9'],
    [`${PROXY}, 10.9.9.9`, '10.9.9.9'],
    ['rubbish, 10.9.9.9', '10.9.9.9'],
    ['10.9.9.9, 10.1.2.3', '10.9.9.9'],
    ['8.8.8.8, 10.9.9.9, 10.1.2.3, 10.1.2.4', '10.9.9.9'],
    ['10.1.2.3', '10.1.2.3'],
  ]) {
    assert.equal((await ask(from(PROXY), VERA, `X-Forwarded-For: ${said}`))[1]?.from, client, said);
  }
  const twice = await ask(from(PROXY), VERA, 'X-Forwarded-For: 8.8.8.8', 'X-Forwarded-For: 10.9.9.9');
  assert.equal(twice[1]?.from, '10.9.9.9');
});

test('any headers of a proxy are somebody or are refused', () => {
  const config: GatewayProxy = { ...HEADERS, networks: [PROXY], uids: [] };
  const proxy = new TrustedProxy(config);
  const lines = fc.array(fc.oneof(fc.string(), fc.string({ unit: ANY_CHARACTER }), fc.ipV4(), fc.ipV6()), {
    maxLength: 3,
  });
  const refusal = { name: 'HoldfastError', code: 'HF_BAD_REQUEST' };
  fc.assert(
    fc.property(lines, lines, lines, (users, groups, addresses) => {
      const headersDistinct = { 'x-forwarded-user': users, 'x-groups': groups, 'x-forwarded-for': addresses };
      for (const read of ['proofOf', 'clientOf'] as const) {
        try {
          proxy[read]({ headersDistinct } as never);
        } catch (error) {
          assert.deepEqual({ name: refusal.name, code: (error as typeof refusal).code }, refusal);
        }
      }
    }),
  );
});

test('the public name is that of this host, and pages of it may ask; others may not', { skip }, async (t) => {
  const { exchange, from, port } = await site(t, { url: 'https://control.example.org' });
  const status = async (host: string, origin?: string, at = from(PROXY)) =>
    Number(
      (await exchange(at, `Host: ${host}\r\n${VERA}\r\n${origin === undefined ? '' : `Origin: ${origin}\r\n`}`)).split(
        ' ',
      )[1],
    );
  const PUBLIC = 'control.example.org';
  assert.equal(await status(PUBLIC), 200);
  assert.equal(await status(`${PUBLIC.toUpperCase()}:443`), 200);
  assert.equal(await status('other.example.org'), 421);
  assert.equal(await status(PUBLIC, `https://${PUBLIC}`), 200);
  assert.equal(await status('127.0.0.1:7634', `https://${PUBLIC}`), 200, 'a proxy that does not pass Host on');
  assert.equal(await status(PUBLIC, 'https://evil.example'), 403);
  assert.equal(await status(PUBLIC, `http://${PUBLIC}`), 403, 'whoever is between may make a page of that name');
  assert.equal(await status(PUBLIC, 'null'), 403);
  assert.equal(await status(`127.0.0.1:${port}`, `http://127.0.0.1:${port}`), 200);
});

test('pages of others are refused wherever they ask, also as somebody whom the proxy names', { skip }, async (t) => {
  const { exchange, from, plain, people } = await site(t);
  const ours = `127.0.0.1:${plain}`;
  const socket =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  const ways = [
    ['GET /', ''],
    ['GET /web/app.js', ''],
    ['GET /v1/consoles', ''],
    ['POST /v1/consoles/vac/restart', 'Content-Length: 0\r\n'],
    ['GET /v1/watch', socket],
    ['GET /v1/consoles/vac/attach', socket],
    ['GET /login/who', ''],
    ['POST /logout', 'Content-Length: 0\r\n'],
  ] as const;
  const strange = [
    ['Host: evil.test', 421],
    [`Host: evil.test:${plain}`, 421],
    [`Host: ${ours}\r\nOrigin: http://evil.test`, 403],
    [`Host: ${ours}\r\nOrigin: null`, 403],
    [`Host: ${ours}\r\nOrigin: http://127.0.0.1:1`, 403],
  ] as const;
  const status = async (line: string, headers: string) =>
    Number((await exchange(from(PROXY), `${headers}${VERA}\r\n`, line)).split(' ')[1]);
  for (const [line, more] of ways) {
    for (const [headers, expected] of strange) {
      assert.equal(await status(line, `${headers}\r\n${more}`), expected, `${line} ${headers}`);
    }
    if (line.includes('/v1/')) {
      for (const where of ['cross-site', 'same-site']) {
        const headers = `Host: ${ours}\r\nSec-Fetch-Site: ${where}\r\nSec-Fetch-Dest: empty\r\n`;
        assert.equal(await status(line, `${headers}${more}`), 403, `${line} ${where}`);
      }
    }
  }
  assert.deepEqual(people, []);
  assert.equal(await status('GET /v1/consoles', `Host: ${ours}\r\nSec-Fetch-Site: same-origin\r\n`), 200);
});

test('without a public name only names of the certificate and addresses are this host', { skip }, async (t) => {
  const { exchange, from } = await site(t);
  assert.match(await exchange(from(PROXY), `Host: control.example.org\r\n${VERA}\r\n`), /^HTTP\/1\.1 421 /);
});

function attach(at: string, headers: Record<string, string>, options: object = {}): WebSocket {
  const ws = new WebSocket(`${at}/v1/consoles/vac/attach?write=1`, ['holdfast.attach.v1'], { headers, ...options });
  ws.on('error', () => undefined);
  return ws;
}

test('a console is attached through the proxy; when it is trusted no more, that ends', { skip }, async (t) => {
  const { host, path, plain, settings, link } = await site(t);
  const through = attach(`ws+unix:${path}:`, { 'x-forwarded-user': 'vera', 'x-forwarded-for': '10.9.9.9' });
  const stays = attach(`ws://127.0.0.1:${plain}`, { authorization: 'Bearer good' });
  t.after(() => [through, stays].map((ws) => ws.terminate()));
  await Promise.all([once(through, 'open'), once(stays, 'open')]);
  const vac = host.consoles.get('vac');
  await until('the keyboard', () => vac?.writer !== undefined);
  through.send(Buffer.from('caput\r'));
  const closed = once(through, 'close');
  link.tell({ ...settings, proxy: { ...HEADERS, networks: [], uids: [] } });
  await closed;
  assert.equal(stays.readyState, WebSocket.OPEN);
});

test('the address behind the proxy has its bound; others behind it do not feel that', { skip }, async (t) => {
  const { plain, ask, from } = await site(t, { connectionsPerAddress: 2 });
  const open = async (client: string): Promise<WebSocket> => {
    const headers = { 'x-forwarded-user': 'vera', 'x-forwarded-for': client };
    const ws = attach(`ws://127.0.0.1:${plain}`, headers, { localAddress: PROXY });
    t.after(() => ws.terminate());
    await once(ws, 'open');
    return ws;
  };
  const [first] = [await open('10.9.9.9'), await open('10.9.9.9')];
  assert.equal((await ask(from(PROXY), VERA, 'X-Forwarded-For: 10.9.9.9'))[0], 503);
  assert.equal((await ask(from(PROXY), VERA, 'X-Forwarded-For: 10.9.9.8'))[0], 200);
  await open('10.9.9.8');
  first.terminate();
  await until('a place', async () => (await ask(from(PROXY), VERA, 'X-Forwarded-For: 10.9.9.9'))[0] === 200);
});

test('places come and go; nothing without TLS needs a certificate', { skip }, async (t) => {
  const { ask, link, listens, path, settings, from } = await site(t);
  const { certificate: _, key: __, ...rest } = settings;
  link.tell({ ...rest, listen: [{ path }] });
  await until('the answer', () => listens.length === 2);
  assert.deepEqual(listens[1], [`unix:${path}`]);
  assert.equal((await ask({ path }, VERA))[0], 200);
  await assert.rejects(async () => {
    const gone = connect(from('127.0.0.1'));
    await once(gone, 'connect');
  });
  link.tell({ ...settings, listen: [{ path: '/nowhere/at/all' }] });
  await until('the answer', () => listens.length === 3);
  assert.match(listens[2]?.[0] ?? '', /^unix:\/nowhere\/at\/all: .*No such file or directory/);
  assert.throws(() => statSync(path), { code: 'ENOENT' }, 'the socket is removed');
});
