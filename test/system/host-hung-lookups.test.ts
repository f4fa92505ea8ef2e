/**
 * A file server or user directory that does not answer delays the console that asks, is named, and affects no other.
 */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { native } from '../../src/platform/native.ts';
import { atEnd } from '../harness/at-end.ts';
import { HostUnderTest } from '../harness/host.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** Microseconds, longer than any test waits: the answer comes when strace detaches. */
const FOR_EVER = 600_000_000;
const canTrace = process.geteuid?.() === 0 && spawnSync('strace', ['-qq', 'true']).status === 0;
const options = { skip: canTrace ? false : 'needs root and strace' };

/** Every open(2) of `path` by these processes takes forever, until the returned function is called. */
async function hang(t: TestContext, path: string, pids: readonly number[]): Promise<() => Promise<void>> {
  const log = join(temporaryDirectory(t), 'strace');
  const inject = `inject=open,openat:delay_enter=${FOR_EVER}`;
  const words = ['-f', '-o', log, ...pids.flatMap((pid) => ['-p', `${pid}`]), '-P', path];
  const strace = spawn('strace', [...words, '-e', 'trace=open,openat', '-e', inject], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  strace.stderr.on('data', (text) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => strace.once('exit', () => resolve()));
  const letGo = async () => {
    strace.kill('SIGTERM');
    await ended;
  };
  atEnd(t, letGo);
  await until('strace to be attached', () => pids.every((pid) => said.includes(`Process ${pid} attached`)));
  return letGo;
}

for (const [what, key] of [
  ['an environment file', 'env_file'],
  ['the directory of users', 'user'],
] as const) {
  test(`${what} that does not answer`, options, async (t) => {
    const folder = temporaryDirectory(t);
    const file = join(folder, 'env');
    writeFileSync(file, 'A=1\n');
    const value = key === 'user' ? 'nobody' : file;
    const path = key === 'user' ? '/etc/passwd' : file;
    const slow = Array.from(
      { length: 9 },
      (_, n) => `[console.slow${n}]\nrun = ["/bin/cat"]\nstart = false\n${key} = "${value}"\n`,
    );
    const host = await HostUnderTest.start(t, `[console.good]\nrun = ["/bin/cat"]\n${slow.join('')}`);
    await host.state('good', 'running');
    const letGo = await hang(t, path, [host.server.process.pid as number, await host.holder()]);
    // More than the threads of libuv's pool.
    for (let n = 0; n < 9; n++) {
      await host.client.start(`slow${n}`);
    }
    const waiting = await host.state('slow8', 'starting');
    const named = key === 'user' ? "the user directory, for user 'nobody'" : `environment file ${file}`;
    assert.equal(waiting.waitsFor?.what, named);
    await host.event(
      'an event that names it',
      ({ console, text }) => console === 'slow0' && text.includes(`waits for ${named}`),
    );

    const heard: Uint8Array[] = [];
    const session = await host.attach(
      'good',
      { lines: 0 },
      { output: (bytes) => void heard.push(bytes) },
      { write: true },
    );
    session.input(Buffer.from('echo\n'));
    await until('an echo', () => Buffer.concat(heard).includes('echo'));
    await host.client.restart('good');
    await host.consoles('another one to start', (all) => all.get('good')?.state === 'running');
    assert.match((await host.command('ps')).stdout, /slow0 +starting .*waits for/);
    for (const command of ['status', 'why']) {
      assert.ok((await host.command(command, 'slow0')).stdout.includes(`waits for   ${named}, since `), command);
    }
    assert.ok((await host.command('doctor')).stdout.includes(`FAILED   starts: slow0 waits for ${named}`));
    await host.client.stop('slow8');
    await host.state('slow8', 'stopped');

    await letGo();
    await host.consoles('them to start when it answers', (all) =>
      [0, 1, 2, 3, 4, 5, 6, 7].every((n) => all.get(`slow${n}`)?.state === 'running'),
    );
    assert.equal((await host.state('slow8', 'stopped')).waitsFor, undefined);
  });
}

test('an endpoint of another user, whom the directory does not report yet', options, async (t) => {
  const owned = '[console.owned]\nrun = ["/bin/cat"]\nendpoints = ["unix:nobody::660:owned.sock"]\n';
  const host = await HostUnderTest.start(t, '[console.good]\nrun = ["/bin/cat"]\n');
  const letGo = await hang(t, '/etc/passwd', [host.server.process.pid as number, await host.holder()]);
  host.configure(`[console.good]\nrun = ["/bin/cat"]\n${owned}`);
  assert.equal((await host.command('reload')).code, 2);
  await host.state('owned', 'running');
  await host.event('that it is not open', ({ console, text }) => {
    return (
      console === 'owned' && text.includes('not open') && text.includes('the user directory has not answered yet who')
    );
  });
  assert.equal((await host.client.detail('owned')).unopened?.length, 1);
  await letGo();
  const socket = join(host.runtimeDir, 'owned.sock');
  await until(
    'the endpoint to be open',
    () => existsSync(socket) && statSync(socket).uid === native.userByName('nobody')?.uid,
  );
  await host.event('that it is open', ({ console, text }) => console === 'owned' && text.includes('is open now'));
});
