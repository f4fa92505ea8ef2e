// The control socket of a host server, and how commands find it.
import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOLDFAST, HostUnderTest } from '../harness/host.ts';
import { Program } from '../harness/procserv.ts';

test('a control socket that is not the configured one is refused by name; the same one by another path is not', async (t) => {
  const host = await HostUnderTest.start(t, '');
  const other = join(host.folder, 'other');
  const up = async (words: readonly string[], env: Readonly<Record<string, string>>) => {
    const program = new Program(t, HOLDFAST, ['up', '-c', host.file, ...words], { env });
    return { code: (await program.exited).code, said: await program.stderr.whole() };
  };
  const where = `this server listens on ${host.control}: 'runtime_dir' of [server] decides that`;
  for (const [by, words, env] of [
    ['--socket', ['--socket', other], {}],
    ['HOLDFAST_SOCKET', [], { HOLDFAST_SOCKET: other }],
    ['--socket', ['--foreground', '--socket', other], { HOLDFAST_SOCKET: host.control }],
  ] as const) {
    const { code, said } = await up(words, env);
    assert.equal(code, 64);
    assert.ok(said.includes(`${by} says ${other}, but ${where}`), said);
  }
  symlinkSync(host.folder, join(host.folder, 'link'));
  const { said } = await up(['--socket', join(host.folder, 'link/run/control')], {});
  assert.match(said, /is in use by process/);
  assert.equal(existsSync(other), false);
  const local = new Program(t, HOLDFAST, ['systemd', 'units', '--socket', other]);
  assert.equal((await local.exited).code, 64);
});
