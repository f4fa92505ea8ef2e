import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuseOtherSocket } from '../../src/cli/holdfast/parts/named-socket.ts';
import { controlPath, openControlSocket } from '../../src/listeners/control/control-socket.ts';
import { ControlService, type ControlServiceParts } from '../../src/listeners/control/service.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { configOf } from '../fakes/host-in-memory.ts';
import { openDoor } from '../fakes/open-door.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const load: ControlServiceParts['load'] = () => import('../../src/listeners/control/control.ts');

function get(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      .once('error', reject)
      .end();
  });
}

test('clients that come before the control API is open wait for it; it opens once, and closes', async (t) => {
  const runtimeDir = temporaryDirectory(t);
  const server = { ...configOf({}).server, runtimeDir };
  const socket = openControlSocket(server, undefined);
  atEnd(t, () => socket.unlink());
  assert.throws(() => openControlSocket(server, undefined), /in use/);
  const fault = (error: unknown) => assert.fail(String(error));
  const service = new ControlService({
    door: openDoor(new FakeHost()),
    clock: systemClock,
    load,
    fault,
    fd: socket.fd,
  });
  const early = get(controlPath(server), '/v1/version');
  await service.apply();
  assert.equal(await early, 200);
  await service.apply();
  assert.equal(await get(controlPath(server), '/v1/version'), 200);
  await service.close();
  await assert.rejects(get(controlPath(server), '/v1/version'));
  socket.unlink();
  assert.equal(existsSync(controlPath(server)), false);
});

test('the API in a bundle of its own knows the errors of the host', async (t) => {
  const server = { ...configOf({}).server, runtimeDir: temporaryDirectory(t) };
  const socket = openControlSocket(server, undefined);
  atEnd(t, () => socket.unlink());
  const fault = (error: unknown) => assert.fail(String(error));
  const bundle = await import(join(import.meta.dirname, '../../build/holdfast-control.cjs'));
  const parts = { door: openDoor(new FakeHost()), clock: systemClock, load: async () => bundle, fault, fd: socket.fd };
  const service = new ControlService(parts);
  await service.apply();
  atEnd(t, () => service.close());
  assert.equal(await get(controlPath(server), '/v1/consoles/nobody'), 404);
});

test('a control API that never opened closes', async () => {
  const fault = (error: unknown) => assert.fail(String(error));
  await new ControlService({ door: openDoor(new FakeHost()), clock: systemClock, load, fault, fd: -1 }).close();
});

test("the manager's socket is taken as it is, and left there", (t) => {
  const server = { ...configOf({}).server, runtimeDir: temporaryDirectory(t) };
  const socket = openControlSocket(server, 7);
  assert.deepEqual([socket.fd, socket.activated], [7, true]);
  socket.unlink();
  assert.equal(existsSync(controlPath(server)), false, 'nothing was made');
});

test('a control socket that was named has to be the one of the configuration, by whatever path', (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'control');
  refuseOtherSocket(undefined, path);
  refuseOtherSocket({ path: join(folder, '.', 'control'), by: '--socket' }, path);
  assert.throws(() => refuseOtherSocket({ path: join(folder, 'other'), by: '--socket' }, path), {
    name: 'Error',
    message: new RegExp(`^--socket says ${folder}/other, but this server listens on ${path}: .*'runtime_dir'`),
  });
});
