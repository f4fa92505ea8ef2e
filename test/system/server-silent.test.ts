// A stopped server: every command that asks it returns in time, and names the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { HostUnderTest, perl } from '../harness/host.ts';

/** Of sysexits.h, as docs/reference/cli.md has it. */
const NO_SERVER = 69;

test('every command that asks a stopped server names it, and accepted requests are done when it goes on', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\n${perl('sleep 1 while 1')}\n`);
  const { pid } = host.server;
  await host.state('a', 'running');
  atEnd(t, () => host.server.process.kill('SIGCONT'));
  host.server.process.kill('SIGSTOP');
  const commands = [
    ['ps'],
    ['status', 'a'],
    ['why', 'a'],
    ['attach', 'a'],
    ['watch', 'a'],
    ['logs', 'a'],
    ['logs', '-f', 'a'],
    ['grep', 'x'],
    ['events'],
    ['start', 'a'],
    ['stop', 'a'],
    ['restart', 'a'],
    ['signal', 'a', '-s', 'HUP'],
    ['hold', 'a', '--reason', 'x'],
    ['release', 'a'],
    ['isis'],
    ['down'],
    ['plan'],
    ['reload'],
  ];
  // All at once: each of them waits for 10 s.
  const [doctor, version, answers] = await Promise.all([
    host.command('doctor'),
    host.command('version'),
    Promise.all(commands.map(async (words) => ({ words, ...(await host.command(...words)) }))),
  ]);
  for (const { words, code, stderr } of answers) {
    assert.equal(code, NO_SERVER, `${words.join(' ')}: ${code} ${stderr}`);
    assert.match(
      stderr,
      new RegExp(`the server \\(pid ${pid}\\) on \\S+ has not answered within 10 s`),
      words.join(' '),
    );
    assert.match(stderr, new RegExp(`stopped by a signal: 'kill -CONT ${pid}'`));
  }
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /FAILED +server: the server \(pid \d+\) .* has not answered/);
  assert.match(version.stderr, /^holdfast: version: the server \(pid \d+\) .* has not answered/);
  host.server.process.kill('SIGCONT');
  const ps = await host.command('ps', '--quiet');
  assert.deepEqual([ps.code, ps.stdout], [0, 'a\n']);
});
