// Tokens of a real server: they are on the disk when they are shown, whatever ends the server.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HostUnderTest } from '../harness/host.ts';

test('a token that was shown is there after kill -9, one that was revoked is not; none is in any file', async (t) => {
  const host = await HostUnderTest.start(t, '[console.a]\nrun = ["/bin/cat"]\n');
  const kept = await host.command('token', 'create', '--for', '1d', '--label', 'kept');
  const gone = await host.client.tokens.create({ seconds: 60, label: 'gone' });
  await host.client.tokens.revoke(gone.id);
  await host.kill();
  await host.up();
  assert.deepEqual(
    (await host.client.tokens.list()).map(({ label }) => label),
    ['kept'],
  );
  assert.equal(statSync(join(host.stateDir, 'tokens.json')).mode & 0o777, 0o600);
  const files = [host.stateDir, host.logDir].flatMap((dir) => readdirSync(dir).map((name) => join(dir, name)));
  assert.ok(
    files.some((file) => readFileSync(file, 'utf8').includes(gone.id)),
    'the history names it',
  );
  for (const secret of [kept.stdout.trim(), gone.token]) {
    assert.ok(secret.startsWith('hft_'));
    assert.deepEqual(
      files.filter((file) => readFileSync(file, 'latin1').includes(secret)),
      [],
    );
  }
});
