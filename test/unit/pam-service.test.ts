import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasPamService } from '../../src/listeners/network/pam-service.ts';
import { aside } from '../../src/platform/aside.ts';
import { temporaryDirectory } from '../harness/machine.ts';

test('the service is there, is not there, or there is no PAM', async (t) => {
  const folder = temporaryDirectory(t);
  const [machine, vendor] = [join(folder, 'etc'), join(folder, 'usr')];
  const has = () => hasPamService('holdfast', aside, [machine, vendor]);
  assert.equal(await has(), true, 'no PAM: /etc/shadow');
  mkdirSync(machine);
  mkdirSync(vendor);
  writeFileSync(join(machine, 'other'), '');
  assert.equal(await has(), false);
  writeFileSync(join(vendor, 'holdfast'), '');
  assert.equal(await has(), true);
});
