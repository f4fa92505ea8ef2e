/** A start that fails because no descriptor is left is reported, and ends nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../harness/machine.ts';

test('a configuration that needs a separate process to be read cannot be read for the moment', (t) => {
  const folder = temporaryDirectory(t);
  const file = join(folder, 'holdfast.toml');
  // More than a server reads itself.
  writeFileSync(file, `# ${'x'.repeat(100_000)}\n`);
  mkdirSync(join(folder, 'holdfast.d'));
  const script = join(import.meta.dirname, '../harness/crowded-reader.ts');
  const { status, stdout, stderr } = spawnSync('/bin/sh', [
    '-c',
    'ulimit -n 64; exec "$@"',
    'sh',
    process.execPath,
    script,
    file,
  ]);
  assert.equal(status, 0, stderr.toString());
  assert.match(stdout.toString(), /^(spawn .* EMFILE\n){2}$/);
});
