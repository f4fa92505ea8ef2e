// The gateway over TLS on loopback, before a host in memory: who gets in, as whom, with what, and what is answered by itself.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { Door } from '../../src/host/door.ts';
import { createControl } from '../../src/listeners/control/control.ts';
import { VOUCHED_HEADER } from '../../src/model/gateway-protocol.ts';
import type { ActingHost, HostDoor } from '../../src/model/host-port.ts';
import type { Principal } from '../../src/model/principal.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openParts } from '../fakes/open-door.ts';
import { atEnd } from '../harness/at-end.ts';
import { authority } from '../harness/certificates.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';
import { networkDoor, TestLogins } from '../harness/network-door.ts';
import { until } from '../harness/until.ts';

const skip = missing('openssl');

/** Remembers who came. */
class Seen extends Door implements HostDoor {
  readonly people: Principal[] = [];
  /** Without the gateway itself, which asks who somebody is. */
  get vouched(): Principal[] {
    return this.people.filter(({ assurance }) => assurance !== 'none');
  }
  override as(by: Principal): Promise<ActingHost> {
    this.people.push(by);
    return super.as(by);
  }
}

function siteOf(): { host: FakeHost; door: Seen } {
  const host = new FakeHost();
  host.add('vac');
  return { host, door: new Seen(openParts(host)) };
}

async function site(t: TestContext, more: Parameters<typeof networkDoor>[2] = {}, clock?: FakeClock) {
  const { host, door } = siteOf();
  const network = await networkDoor(t, door, more, clock);
  atEnd(t, () => assert.deepEqual(network.faults, []));
  return { ...network, host, door };
}

test('a token lets its user in, with its bounds and from where it came', { skip }, async (t) => {
  const { door, get, logins } = await site(t);
  logins.tokens.set('narrow', { user: 'vera', bound: ['read'] });
  const { status, body } = await get('/v1/consoles', 'narrow');
  assert.equal(status, 200);
  assert.deepEqual(
    (JSON.parse(body) as { name: string }[]).map(({ name }) => name),
    ['vac'],
  );
  const [{ port, ...who } = {} as Principal] = door.vouched;
  assert.ok(Number(port) > 0);
  assert.deepEqual(who, { user: 'vera', channel: 'network', from: '127.0.0.1', assurance: 'token', bound: ['read'] });
});

test('without a good token nobody gets in, and nothing reaches the server', { skip }, async (t) => {
  const { door, exchange, get } = await site(t);
  assert.equal((await get('/v1/consoles', 'wrong')).status, 401);
  const answer = await exchange('GET /v1/consoles HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 401 [\s\S]*www-authenticate: Bearer[\s\S]*HF_LOGIN_REFUSED/i);
  assert.deepEqual(door.vouched, []);
});

test('a password is asked for each time, and opens no session', { skip }, async (t) => {
  const { door, exchange, logins } = await site(t);
  const basic = (password: string) => `Authorization: Basic ${Buffer.from(`vera:${password}`).toString('base64')}\r\n`;
  const get = (password: string, more = 'Connection: close\r\n', path = '/v1/version') =>
    exchange(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${basic(password)}${more}\r\n`);
  assert.match(await get('right'), /^HTTP\/1\.1 200 /);
  assert.match(await get('right'), /^HTTP\/1\.1 200 /);
  assert.match(await get('wrong'), /^HTTP\/1\.1 401 /);
  assert.equal(logins.asked.length, 3);
  assert.equal(door.vouched[0]?.assurance, 'password');
  const upgrade =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  assert.match(await get('right', upgrade, '/v1/watch'), /^HTTP\/1\.1 401 [\s\S]*a session takes a token/);
});

test('what is not for this host, or not there, is answered by the gateway', { skip }, async (t) => {
  const { door, exchange, get, port } = await site(t);
  const ask = (line: string, headers: string) =>
    exchange(`${line} HTTP/1.1\r\n${headers}Authorization: Bearer good\r\nConnection: close\r\n\r\n`);
  for (const [line, headers, status] of [
    ['GET /web', 'Host: localhost\r\n', 404],
    ['POST /', 'Host: localhost\r\n', 405],
    ['GET /', 'Host: evil.example\r\n', 421],
    ['GET /v1/nothing', 'Host: localhost\r\n', 404],
    ['GET /v1/gateway', 'Host: localhost\r\n', 404],
    ['POST /v1/login', 'Host: localhost\r\n', 404],
    ['PUT /v1/consoles', 'Host: localhost\r\n', 405],
    ['GET /v1/consoles', 'Host: evil.example\r\n', 421],
    ['GET /v1/consoles', `Host: localhost:${port}\r\nOrigin: https://evil.example\r\n`, 403],
    [`GET /v1/consoles?${'x'.repeat(5000)}`, 'Host: localhost\r\n', 414],
  ] as const) {
    assert.match(await ask(line, headers), new RegExp(`^HTTP/1\\.1 ${status} `), `${line} ${headers}`);
  }
  assert.deepEqual(door.vouched, []);
  assert.equal((await get('/v1/consoles')).status, 200);
  assert.match(await ask('GET /v1/consoles', `Host: 127.0.0.1:${port}\r\n`), /^HTTP\/1\.1 200 /);
});

test('a body may have 64 KiB, by its own word or in pieces', { skip }, async (t) => {
  const { exchange, host } = await site(t);
  const head =
    'POST /v1/consoles/vac/stop HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nConnection: close\r\n';
  assert.match(await exchange(`${head}Content-Length: 70000\r\n\r\n`), /^HTTP\/1\.1 413 /);
  const piece = `8000\r\n${' '.repeat(0x8000)}\r\n`;
  assert.match(
    await exchange(`${head}Transfer-Encoding: chunked\r\n\r\n${piece}${piece}${piece}0\r\n\r\n`),
    /^HTTP\/1\.1 413 /,
  );
  assert.deepEqual(host.calls, []);
  assert.match(await exchange(`${head}Content-Length: 17\r\n\r\n{"reason":"leak"}`), /^HTTP\/1\.1 202 /);
  assert.equal(host.calls.length, 1);
});

test('what a stranger says of itself does not reach the server', { skip }, async (t) => {
  const { door, exchange } = await site(t);
  const forged = Buffer.from(JSON.stringify({ user: 'root', channel: 'network', from: 'x', assurance: 'token' }));
  const answer = await exchange(
    `GET /v1/version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n${VOUCHED_HEADER}: ${forged.toString('base64url')}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.deepEqual(
    door.vouched.map(({ user }) => user),
    ['vera'],
  );
});

function attach(port: number, ca: string, token = 'good'): WebSocket {
  const ws = new WebSocket(`wss://localhost:${port}/v1/consoles/vac/attach?write=1`, ['holdfast.attach.v1'], {
    headers: { authorization: `Bearer ${token}` },
    ca,
  });
  ws.on('error', () => undefined);
  return ws;
}

test('a console is attached, typed into and read through it', { skip }, async (t) => {
  const { host, port, settings } = await site(t);
  const ws = attach(port, settings.certificate);
  t.after(() => ws.terminate());
  await once(ws, 'open');
  const vac = host.consoles.get('vac');
  await until('the keyboard', () => vac?.writer?.user === 'vera');
  ws.send(Buffer.from('caput\r'));
  await until('the input', () => vac?.input === 'caput\r');
  let output = 0;
  ws.on('message', (data: Buffer, isBinary) => {
    output += isBinary ? data.length - 8 : 0;
  });
  const flood = Buffer.alloc(100_000, 'x');
  vac?.say(flood);
  await until('the output', () => output >= flood.length);
});

test('a token that is revoked ends its sessions with the next look', { skip }, async (t) => {
  const clock = new FakeClock();
  const { logins, port, settings } = await site(t, {}, clock);
  logins.tokens.set('other', { user: 'jo' });
  const [stays, goes] = [attach(port, settings.certificate), attach(port, settings.certificate, 'other')];
  t.after(() => stays.terminate());
  await Promise.all([once(stays, 'open'), once(goes, 'open')]);
  const closed = once(goes, 'close');
  logins.tokens.delete('other');
  clock.advance(11_000);
  await closed;
  assert.equal(stays.readyState, WebSocket.OPEN);
});

test('TLS 1.3 and nothing else', { skip }, async (t) => {
  const { port, settings } = await site(t);
  const socket = connectTls({ port, host: '127.0.0.1', ca: settings.certificate, maxVersion: 'TLSv1.2' });
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /protocol version|alert/i);
  const plain = connect(port, '127.0.0.1', () => plain.write('GET /v1/version HTTP/1.1\r\nHost: localhost\r\n\r\n'));
  plain.on('error', () => undefined);
  let answer = '';
  plain.on('data', (data) => {
    answer += data;
  });
  await once(plain, 'close');
  assert.doesNotMatch(answer, /HTTP/);
});

test('other settings are taken up; connections stay', { skip }, async (t) => {
  const { get, link, listens, port, settings } = await site(t);
  const ws = attach(port, settings.certificate);
  t.after(() => ws.terminate());
  await once(ws, 'open');
  link.tell({ ...settings, login: ['password'] });
  await until('the answer', () => listens.length === 2);
  assert.equal((await get('/v1/version')).status, 401);
  assert.equal(ws.readyState, WebSocket.OPEN);
});

test('only the gateway vouches: not the control socket, not without its word', async (t) => {
  const folder = temporaryDirectory(t);
  const { door } = siteOf();
  const uid = process.getuid?.() ?? 0;
  const vouched = (user: object) => Buffer.from(JSON.stringify(user)).toString('base64url');
  const vera = { user: 'vera', channel: 'network', from: '10.0.0.1', port: 1, assurance: 'token' };
  const serve = async (name: string, gateway?: number) => {
    const path = join(folder, name);
    const control = createControl({
      ...{ door, clock: systemClock, fault: (error) => assert.fail(String(error)) },
      ...(gateway === undefined
        ? {}
        : { gateway: { uid: gateway, logins: new TestLogins(), upgrade: () => undefined } }),
    });
    await control.listen(listenOn({ kind: 'unix', path, mode: 0o600 }).fd);
    atEnd(t, () => control.close());
    return async (header?: string): Promise<number> => {
      const headers = header === undefined ? {} : { [VOUCHED_HEADER]: header };
      const sent = httpRequest({ socketPath: path, path: '/v1/version', headers, agent: false });
      sent.end();
      const [answer] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }];
      answer.resume();
      return answer.statusCode;
    };
  };
  const [control, own, other] = [await serve('control'), await serve('own', uid), await serve('other', uid + 1)];
  assert.equal(await control(), 200);
  assert.equal(await control(vouched(vera)), 403);
  assert.equal(await other(vouched(vera)), 403);
  assert.equal(await own(vouched(vera)), 200);
  assert.equal(await own(), 200);
  const network = door.people.filter(({ channel }) => channel === 'network');
  assert.deepEqual(
    network.map(({ user, assurance }) => `${user} ${assurance}`),
    ['vera token', 'unknown none'],
  );
  // Neither a number of a user, nor the kernel's word, nor another way in.
  for (const wrong of [
    { ...vera, uid: 0 },
    { ...vera, assurance: 'kernel' },
    { ...vera, channel: 'self' },
    { ...vera, user: 'a\nb' },
    { ...vera, bound: ['everything'] },
  ]) {
    assert.equal(await own(vouched(wrong)), 400, JSON.stringify(wrong));
  }
  assert.equal(await own('%%%'), 400);
});

test('a certificate of the authority of people is a login; one of another is nothing', { skip }, async (t) => {
  const folder = temporaryDirectory(t);
  const { made, ca } = authority(folder, 'people');
  const { door, port, settings } = await site(t, { clientCa: ca });
  const ask = async (who: { readonly cert: string; readonly key: string } | undefined): Promise<string> => {
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: settings.certificate, ...who });
    let answer = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      answer += String(data);
    });
    socket.write('GET /v1/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    return answer;
  };
  assert.match(await ask(made('vera')), /^HTTP\/1\.1 200 /);
  const [{ port: _, ...who } = {} as Principal] = door.vouched;
  assert.deepEqual(who, { user: 'vera', channel: 'network', from: '127.0.0.1', assurance: 'certificate' });
  assert.match(await ask(undefined), /^HTTP\/1\.1 401 /);
  assert.match(await ask(authority(folder, 'others').made('vera')), /^HTTP\/1\.1 401 /);
  assert.equal(door.vouched.length, 1);
});
