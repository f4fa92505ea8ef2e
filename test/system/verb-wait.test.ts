/** Verbs that return when they are done: with real processes, on a terminal, and while the server goes and comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOLDFAST, HostUnderTest, perl } from '../harness/host.ts';
import { PtyProgram } from '../harness/pty-program.ts';

/** Obeys a KILL only. */
const STUBBORN = perl(`$SIG{TERM} = 'IGNORE'; $| = 1; print "up\\n"; sleep 1 while 1`);
const READY = perl(`$| = 1; select(undef, undef, undef, 0.5); print "epics> "; sleep 1 while 1`);
const DIES = perl(`print "no license\\n"; exit 3`);

const CONSOLES = `
[console.stubborn]
${STUBBORN}
stop = [{ signal = "TERM" }, { wait = "1s" }, { signal = "KILL" }]
[console.ready]
${READY}
start = false
ready = { pattern = "epics>", within = "20s" }
[console.late]
${STUBBORN}
start = false
ready = { pattern = "never", within = "1s" }
[console.dies]
${DIES}
start = false
restart = "never"
# Otherwise 'start' is done if it finds it running for that moment.
ready = { pattern = "never", within = "20s" }
`;

test('each verb returns when it is done, and its exit code says how', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLES);
  await host.said('stubborn', 'up');
  const { pid } = await host.state('stubborn', 'running');
  const does = async (...words: string[]) => {
    const { code, stdout, stderr } = await host.command(...words);
    return [code, stdout, stderr];
  };
  assert.deepEqual(await does('stop', 'stubborn'), [0, 'stubborn: stopped\n', '']);
  assert.throws(() => process.kill(pid as number, 0), { code: 'ESRCH' });
  assert.deepEqual(await does('start', 'ready'), [0, 'ready: ready\n', '']);
  assert.deepEqual(await does('restart', 'ready'), [0, 'ready: ready\n', '']);
  assert.deepEqual(await does('hold', 'ready', '-r', 'rack'), [0, 'ready: held\n', '']);
  assert.deepEqual(await does('release', 'ready'), [0, 'ready: ready\n', '']);
  const late = "holdfast start: late: running: not ready in time: 'never' in its output\n";
  assert.deepEqual(await does('start', 'late'), [4, '', late]);
  const died = 'holdfast start: dies: failed: exit code 3\n    no license\n';
  assert.deepEqual(await does('start', 'dies'), [1, '', died]);
});

test('on a terminal one sees which signal was sent; Ctrl-C leaves the stop alone', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLES.replace('"1s"', '"1h"'));
  await host.said('stubborn', 'up');
  const program = await PtyProgram.start([HOLDFAST, 'stop', 'stubborn'], { HOLDFAST_SOCKET: host.control });
  t.after(() => program.close());
  await program.until(/stubborn: .*stopping for \d+s: sent TERM \d+s ago, KILL in /);
  program.type('\x03');
  assert.equal((await program.ended).code, 130);
  await program.until("not waiting any more for stubborn; the stop goes on: 'holdfast ps' shows it");
  const { pid, stopping } = await host.state('stubborn', 'stopping');
  assert.deepEqual(
    stopping?.steps.map(({ signal, afterSeconds }) => [signal, afterSeconds]),
    [
      ['SIGTERM', 0],
      ['SIGKILL', 3600],
    ],
  );
  process.kill(pid as number, 'SIGKILL');
  assert.equal((await host.state('stubborn', 'stopped')).stopping, undefined);
});

test('a server that is killed meanwhile is waited for, and so is what it was told to do', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLES.replace('"1s"', '"1h"'));
  await host.said('stubborn', 'up');
  const { pid } = await host.state('stubborn', 'running');
  const stop = await PtyProgram.start([HOLDFAST, 'stop', 'stubborn'], { HOLDFAST_SOCKET: host.control });
  t.after(() => stop.close());
  // A console is shown once its verb was accepted and the answer has arrived.
  await stop.until(/stubborn: .*stopping for/);
  await host.kill();
  await stop.until('the server is gone; waiting for it');
  await host.up();
  process.kill(pid as number, 'SIGKILL');
  assert.equal((await stop.ended).code, 0);
  assert.match(stop.shown, /stubborn: stopped\r\n/);
});

test('down --all says whom it waits for', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLES.replace('"1s"', '"1h"'));
  await host.said('stubborn', 'up');
  const { pid } = await host.state('stubborn', 'running');
  const down = host.run('down', '--all', '--yes');
  await down.stdout.expect(/^Waiting for stubborn \(sent TERM \d+s ago, KILL in \w+\)\.$/m);
  process.kill(pid as number, 'SIGKILL');
  assert.equal((await down.exited).code, 0);
  assert.match(down.stdout.text, /All have ended\.\n$/);
});
