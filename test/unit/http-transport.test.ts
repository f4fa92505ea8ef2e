import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { HttpTransport } from '../../src/client/http-transport.ts';
import { TlsWay } from '../../src/client/tls-way.ts';
import { atEnd } from '../harness/at-end.ts';
import { certificateIn } from '../harness/certificates.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';

const PASSWORD = `Basic ${Buffer.from('ann:secret').toString('base64')}`;
const TOKEN = 'Bearer hft_token';

test('a server that takes its time is asked whether it answers: with the token, but never with the password', {
  skip: missing('openssl'),
}, async (t) => {
  const files = certificateIn(temporaryDirectory(t));
  const heard: string[] = [];
  const waiting = new Map<string, () => void>();
  const server = createServer(
    { cert: readFileSync(files.certificate), key: readFileSync(files.key) },
    ({ headers: { authorization = 'nobody' }, method }, response) => {
      heard.push(`${method} ${authorization}`);
      if (method === 'POST') {
        waiting.set(authorization, () => response.writeHead(201).end());
        return;
      }
      response.writeHead(401).end();
      // Only now what was asked first is answered.
      waiting.get(authorization === 'nobody' ? PASSWORD : authorization)?.();
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  atEnd(t, () => server.close());
  const { port } = server.address() as AddressInfo;
  const place = { name: 'it', host: '127.0.0.1', port, ca: files.certificate };
  const statuses = [PASSWORD, TOKEN].map(async (authorization) => {
    const transport = new HttpTransport(new TlsWay(place, authorization));
    const { status } = await transport.request({ method: 'POST', target: '/v1/tokens', body: {} });
    return status;
  });
  assert.deepEqual(await Promise.all(statuses), [201, 201]);
  assert.deepEqual(new Set(heard), new Set([`POST ${PASSWORD}`, 'GET nobody', `POST ${TOKEN}`, `GET ${TOKEN}`]));
});
