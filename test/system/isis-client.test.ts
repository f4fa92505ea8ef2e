// The edge cases of the client library, with a socket in place of a server, or with the real one.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { IsisClient, type IsisClientOptions, IsisClosedError } from '../../src/isis/client/index.ts';
import { atEnd } from '../harness/at-end.ts';
import { folderFor, IsisProcess, writeIni } from '../harness/isis.ts';

/** A socket that stands for a server, the messages that it received, and its client. */
async function peer(t: TestContext, options: Partial<IsisClientOptions> = {}) {
  const socket = createSocket('udp4');
  atEnd(t, () => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString('latin1')));
  const client = await IsisClient.open({ id: 'T1', host: '127.0.0.1', port: socket.address().port, ...options });
  atEnd(t, () => client.close());
  const until = async (text: string): Promise<void> => {
    while (!heard.includes(text)) {
      await once(socket, 'message');
    }
  };
  return { client, heard, until, say: (text: string) => socket.send(text, client.localPort, '127.0.0.1') };
}

test('messages sent before close go out, and requests that wait for an answer end', async (t) => {
  const { client, heard, until } = await peer(t);
  const asked = client.request('fw', 'filter 1');
  client.send('is', 'STATUS: last words');
  await Promise.all([client.close(), assert.rejects(asked, IsisClosedError)]);
  await until('T1>is STATUS: last words\r');
  assert.deepEqual(heard, ['T1>AL PING\r', 'T1>FW filter 1\r', 'T1>is STATUS: last words\r']);
  assert.throws(() => client.send('is', 'more'), IsisClosedError);
});

test('a message that a server would not accept is refused, and the next request to that host is not', async (t) => {
  const { client, until } = await peer(t, { heartbeat: 1e9 });
  await assert.rejects(client.request('verylongname', 'x'), RangeError);
  await assert.rejects(client.request('fw', 'x\ny'), RangeError);
  await assert.rejects(client.request('fw', 'x'.repeat(4090)), RangeError);
  assert.throws(() => client.send('a b', 'x'), RangeError);
  const asked = assert.rejects(client.request('fw', 'x', { timeout: 1e9 }), IsisClosedError);
  client.send('fw', 'x'.repeat(4089));
  await until(`T1>fw ${'x'.repeat(4089)}\r`);
  await client.close();
  await asked;
  const somewhere = { id: 'T2', host: '127.0.0.1', port: 6600 };
  await assert.rejects(IsisClient.open({ ...somewhere, port: 99999 }), RangeError);
  await assert.rejects(IsisClient.open({ ...somewhere, serverId: 'verylongname' }), RangeError);
  await assert.rejects(IsisClient.open({ ...somewhere, localPort: 99999 }), RangeError);
});

test('an answer that is too long for a message is an error, not the end of the agent', async (t) => {
  const { client, say, until } = await peer(t);
  client.handle('dump', () => 'x'.repeat(5000));
  say('A>T1 Dump all\r');
  await until('T1>A ERROR: Dump the answer (DONE:) has 5011 bytes, more than a message can\r');
});

test('a server with a full table ends every request, since none has reached its host', async (t) => {
  const { port } = await IsisProcess.start(t, writeIni(folderFor(t), ['NoLog', 'MaxHosts 1']));
  const first = await IsisClient.open({ id: 'A', host: '127.0.0.1', port });
  atEnd(t, () => first.close());
  await first.request('IS', 'PING');
  const second = await IsisClient.open({ id: 'B', host: '127.0.0.1', port });
  atEnd(t, () => second.close());
  const refused = /ERROR: Server Host Table Full, Cannot Service Request/;
  await Promise.all([
    assert.rejects(second.request('A', 'x'), refused),
    assert.rejects(second.request('IS', 'PING'), refused),
  ]);
});
