// A procServ whose surroundings go away: its terminal, its caller, and the readers of its output.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { Client } from '../harness/client.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { PROCSERV, ProcServ, Program } from '../harness/procserv.ts';
import { PtyProgram } from '../harness/pty-program.ts';
import { ROOT } from '../harness/systemd.ts';
import { until } from '../harness/until.ts';

test('the readers of standard output and error may go away: the child lives', async (t) => {
  const server = await ProcServ.start(t, ['-d', '-L', '/dev/full', 'cat']);
  const client = await server.attach();
  await server.stderr.expect(/./);
  server.process.stdout?.destroy();
  server.process.stderr?.destroy();
  for (let line = 0; line < 5; line++) {
    client.send(`line ${line}\r`);
    // The echo, and the output of cat.
    await client.expect(new RegExp(`line ${line}\r\nline ${line}\r\n`));
  }
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
});

test('a terminal that is gone does not spoil the end', async (t) => {
  const directory = temporaryDirectory(t);
  const [control, info, log] = ['control', 'info', 'log'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const program = await PtyProgram.start([PROCSERV, '-f', '-I', info, '-L', log, '-P', `unix:${control}`, 'cat']);
  atEnd(t, () => {
    try {
      process.kill(program.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  await until('procServ listens', () => existsSync(info));
  const client = await Client.connect(control);
  await client.expect(/PID of new child "cat"|Child "cat" PID/);
  program.close();
  client.send('still here\r');
  await client.expect(/still here\r\nstill here\r\n/);
  process.kill(program.pid, 'SIGTERM');
  assert.equal((await program.ended).code, 0);
  assert.deepEqual([existsSync(control), existsSync(info)], [false, false]);
});

test('a daemon serves even if its caller is gone by then', async (t) => {
  const directory = temporaryDirectory(t);
  const control = join(directory, 'control');
  // As bin/launch starts it.
  const words = [join(ROOT, 'build/procServ.cjs'), PROCSERV, '-p', 'pid', `unix:${control}`, 'cat'];
  const daemon = spawn(process.execPath, words, {
    cwd: directory,
    env: { ...process.env, HOLDFAST_DAEMON: '3' },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  // Long before it has any output.
  (daemon.stdio[3] as Socket).destroy();
  const ended = once(daemon, 'exit');
  atEnd(t, () => daemon.kill('SIGKILL'));
  await until('procServ listens', () => existsSync(join(directory, 'pid')));
  const client = await Client.connect(control);
  await client.expect(/PID of new child "cat"|Child "cat" PID/);
  client.send('there\r');
  await client.expect(/there\r\nthere\r\n/);
  daemon.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual([existsSync(control), existsSync(join(directory, 'pid'))], [false, false]);
});

test('once the info file is there, signals may be sent', async (t) => {
  const directory = temporaryDirectory(t);
  const info = join(directory, 'info');
  execFileSync('mkfifo', [info]);
  const server = new Program(t, PROCSERV, ['-f', '-I', info, '-L', 'log', 'unix:control', 'cat'], { cwd: directory });
  // It blocks in the middle of its start until this is read.
  await until('it to write', () => readFileSync(`/proc/${server.pid}/wchan`, 'utf8') === 'wait_for_partner');
  server.process.kill('SIGHUP');
  assert.match(execFileSync('cat', [info], { encoding: 'utf8' }), new RegExp(`^pid:${server.pid}\nunix:`));
  await (await Client.connect(join(directory, 'control'))).expect(/@@@ Welcome/);
  server.process.kill('SIGTERM');
  assert.deepEqual(await server.exited, { code: 0, signal: null });
});
