import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { controlSocket } from '../../../src/cli/holdfast/socket-path.ts';
import { temporaryDirectory } from '../../harness/machine.ts';

test('whoever is only logged in at other hosts, or has made a certificate, still means the server of this machine', (t) => {
  const home = temporaryDirectory(t);
  const env = { HOME: home, XDG_RUNTIME_DIR: join(home, 'run') };
  const own = join(home, 'run/holdfast/control');
  const folder = join(home, '.config/holdfast');
  const machines = join(home, 'control');
  writeFileSync(machines, '');
  assert.equal(controlSocket(env, 1234, machines), machines);
  mkdirSync(folder, { recursive: true });
  assert.equal(controlSocket(env, 1234, machines), own, 'a configuration may come to it');
  writeFileSync(join(folder, 'hosts.toml'), '');
  assert.equal(controlSocket(env, 1234, machines), machines);
  writeFileSync(join(folder, 'hosts.toml.lock'), '');
  assert.equal(controlSocket(env, 1234, machines), machines);
  mkdirSync(join(folder, 'tls'));
  assert.equal(controlSocket(env, 1234, machines), machines);
  writeFileSync(join(folder, 'holdfast.toml'), '');
  assert.equal(controlSocket(env, 1234, machines), own);
  rmSync(join(folder, 'hosts.toml'));
  assert.equal(controlSocket(env, 1234, machines), own);
});
