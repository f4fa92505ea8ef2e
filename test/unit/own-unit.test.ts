import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitOf } from '../../src/systemd/own-unit.ts';
import { unitOf as unitOfServer } from '../../src/systemd/server-unit.ts';

test('the service is found in cgroups of both versions, of the machine and of users', () => {
  const machine = { unit: 'holdfast.service', user: false };
  assert.deepEqual(unitOf('0::/system.slice/holdfast.service\n'), machine);
  assert.deepEqual(unitOf('0::/system.slice/holdfast.service/server\n'), machine);
  const old = '4:memory:/\n1:name=systemd:/system.slice/holdfast.service\n';
  assert.deepEqual(unitOf(old), machine);
  assert.deepEqual(unitOf('9:name=systemd:/\n0::/system.slice/holdfast.service\n'), machine);
  const user = '0::/user.slice/user-1000.slice/user@1000.service/app.slice/holdfast.service\n';
  assert.deepEqual(unitOf(user), { unit: 'holdfast.service', user: true });
  assert.equal(unitOf('0::/user.slice/user-1000.slice/session-3.scope\n'), undefined);
  assert.equal(unitOf('0::/user.slice/user-1000.slice/user@1000.service/init.scope\n'), undefined);
  assert.equal(unitOf(''), undefined);
});

test('a unit of the server is in use if it is enabled, or up; one that is not loaded is none', () => {
  const shown = (load: string, active: string, file: string) =>
    unitOfServer(`LoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n`, true)?.inUse;
  assert.equal(shown('loaded', 'inactive', 'enabled'), true);
  assert.equal(shown('loaded', 'active', 'disabled'), true);
  assert.equal(shown('loaded', 'activating', ''), true);
  assert.equal(shown('loaded', 'inactive', 'disabled'), false);
  assert.equal(shown('loaded', 'failed', 'disabled'), false);
  assert.equal(shown('not-found', 'inactive', ''), undefined);
  assert.equal(unitOfServer('LoadState=loaded\nActiveState=failed\n', true)?.hasFailed, true);
  assert.equal(unitOfServer('LoadState=loaded\n', true)?.systemctl, 'systemctl --user');
});
