/** One connection of the conserver protocol over real sockets: how it becomes encrypted. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, type TLSSocketOptions, connect as tlsConnect } from 'node:tls';
import { conserverTls } from '../../src/listeners/conserver/conserver-tls.ts';
import { Turns } from '../../src/listeners/conserver/model/turns.ts';
import { ClientConnection } from '../../src/listeners/conserver/wire/client-connection.ts';
import { LineSession } from '../../src/listeners/conserver/wire/line-session.ts';
import { UnreadLimit } from '../../src/listeners/conserver/wire/unread-limit.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';

/** A port that greets, offers TLS and admits everyone; the logged-in users, and the errors. */
async function port(t: TestContext, tls: TLSSocketOptions) {
  const logins: string[] = [];
  const faults: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = new ClientConnection(socket, {
      ...{
        clock: systemClock,
        tls,
        turns: new Turns(systemClock),
        unread: new UnreadLimit(),
        handshake: async () => () => undefined,
      },
      fault: ({ message }) => void faults.push(message),
      gone: () => undefined,
    });
    connection.lines = new LineSession<{ acting: { deny(): void } }>(
      {
        ...{ reader: 'master', commands: [], access: 'trusted', serverName: 'here', tls: 'required' },
        ...{
          accepts: async () => false,
          attempt: () => 0,
          arrives: () => Promise.resolve(),
          isAdmin: () => false,
          onAdmin: () => undefined,
          turnedAway: () => undefined,
        },
        ...{ context: async () => ({ acting: { deny: () => undefined } }), onLogin: (user) => logins.push(user) },
      },
      connection,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  /** A greeted client. */
  const client = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    atEnd(t, () => socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'data');
    return socket;
  };
  return { client, logins, faults };
}

/** The answer to a login of an encrypted client with this certificate; empty if it is disconnected. */
async function loginOver(socket: Socket, certificate: ConnectionOptions): Promise<string> {
  socket.write('ssl\r\n');
  await once(socket, 'data');
  const secured = tlsConnect({ socket, rejectUnauthorized: false, ...certificate });
  secured.on('error', () => undefined);
  secured.write('login ann\r\n');
  let text = '';
  secured.on('data', (data) => {
    text += data;
    secured.end();
  });
  await new Promise((resolve) => secured.once('close', resolve));
  return text;
}

test('unencrypted bytes after `ssl` do not count as encrypted', async (t) => {
  const { client, logins, faults } = await port(t, conserverTls({ required: false }));
  for (const injected of ['ssl\r\nlogin eve\r\n', 'ssl\r\nlogin e', 'ssl\r\n\xff.']) {
    const socket = await client();
    socket.resume().write(injected, 'latin1');
    await once(socket, 'close');
  }
  assert.deepEqual(logins, []);
  assert.equal(faults.length, 3);
});

test('a client that does not require encryption gets none', async (t) => {
  const { client, logins } = await port(t, conserverTls({ required: false }));
  const options = { maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined } as const;
  assert.equal(await loginOver(await client(), { ...options, ciphers: 'AECDH-NULL-SHA:@SECLEVEL=0' }), '');
  assert.deepEqual(logins, []);
  assert.equal(await loginOver(await client(), { ...options, ciphers: 'ADH-AES256-SHA:@SECLEVEL=0' }), 'ok\r\n');
  assert.deepEqual(logins, ['ann']);
});

test('a client with an untrusted certificate is refused', { skip: missing('openssl') }, async (t) => {
  const folder = temporaryDirectory(t);
  const made = (name: string) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  };
  const [ours, strange] = [made('ours'), made('strange')];
  const { client, logins } = await port(t, conserverTls({ ...ours, ca: ours.cert, required: true }));
  assert.equal(await loginOver(await client(), strange), '');
  assert.equal(await loginOver(await client(), {}), '');
  assert.deepEqual(logins, []);
  assert.equal(await loginOver(await client(), ours), 'ok\r\n');
  assert.deepEqual(logins, ['ann']);
});

test('a client that never reads keeps its connection only for a limited time after the end', async (t) => {
  const clock = new FakeClock();
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const stopped = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  atEnd(t, () => stopped.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket];
  const gone = new Promise<void>((resolve) => {
    const connection = new ClientConnection(socket, {
      ...{
        tls: undefined,
        turns: new Turns(clock),
        clock,
        unread: new UnreadLimit(),
        handshake: async () => () => undefined,
        fault: () => undefined,
        gone: resolve,
      },
    });
    while (socket.writableLength === 0) {
      connection.send(Buffer.alloc(65_536, 'x'));
    }
    connection.close();
  });
  clock.advance(29_999);
  assert.ok(!socket.destroyed);
  clock.advance(1);
  assert.ok(socket.destroyed);
  await gone;
});
