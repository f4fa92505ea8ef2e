import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HttpTransport } from '../../src/client/http-transport.ts';
import { Requests } from '../../src/client/requests.ts';
import { UnixWay } from '../../src/client/unix-way.ts';
import { createControl } from '../../src/listeners/control/control.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import type { Login, LoginPort } from '../../src/model/login-port.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const VERA: Login = {
  principal: { user: 'vera', channel: 'network', from: '10.0.0.3', port: 7, assurance: 'token' },
  expires: '2026-03-01T03:00:00.000Z',
};

async function serve(t: TestContext, port: LoginPort, isGateway: boolean): Promise<Requests> {
  const path = join(temporaryDirectory(t), 'control');
  const control = createControl({
    ...{ door: openDoor(new FakeHost()), clock: systemClock, fault: (error) => assert.fail(String(error)) },
    ...(isGateway ? { gateway: { uid: process.getuid?.() ?? 0, logins: port, upgrade: () => undefined } } : {}),
  });
  const server = createServer();
  control.attachTo(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  atEnd(t, () => control.close());
  return new Requests(new HttpTransport(new UnixWay(path)));
}

const PLACE = { address: '10.0.0.3', port: 7 };

test('the gateway learns who shows what; what it shows is in no message', async (t) => {
  const asked: unknown[] = [];
  const logins: LoginPort = {
    async login(...question) {
      asked.push(question);
      if (asked.length > 1) {
        throw new HoldfastError('HF_LOGIN_REFUSED', 'user or password is wrong');
      }
      return VERA;
    },
  };
  const api = await serve(t, logins, true);
  assert.deepEqual(await api.post('/v1/login', { method: 'token', token: 'hft_x', ...PLACE }), VERA);
  assert.deepEqual(asked, [[{ method: 'token', token: 'hft_x' }, PLACE]]);
  const wrong = { method: 'password', user: 'vera', password: 'hunter2', ...PLACE };
  await assert.rejects(api.post('/v1/login', wrong), { code: 'HF_LOGIN_REFUSED' });
  for (const body of [
    { ...wrong, user: undefined },
    { ...wrong, method: 'hunter2' },
    { ...wrong, port: 'hunter2' },
    { ...wrong, hunter: 2 },
    { ...wrong, password: 'hunter2'.repeat(1000) },
    { ...wrong, password: { hunter2: 1 } },
  ]) {
    const { status, text } = await api.answer({ method: 'POST', target: '/v1/login', body });
    assert.deepEqual([status, text.includes('hunter2')], [400, false], text);
  }
  assert.equal(asked.length, 2);
});

test('nobody else logs anybody in', async (t) => {
  const api = await serve(t, { login: () => assert.fail('it is asked') }, false);
  await assert.rejects(api.post('/v1/login', { method: 'token', token: 'x', ...PLACE }), { code: 'HF_FORBIDDEN' });
});
