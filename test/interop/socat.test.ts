import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { isAlive, missing, temporaryDirectory } from '../harness/machine.ts';
import { ProcServ, runProcServ } from '../harness/procserv.ts';
import { Terminal } from '../harness/terminal.ts';
import { Transcript } from '../harness/transcript.ts';
import { until } from '../harness/until.ts';

const skip = missing('socat');

test('the second seed: -n "Test IOC" -i ^D^C -L procServ.log unix:PATH CMD ST, and socat', { skip }, async (t) => {
  const cwd = temporaryDirectory(t);
  const [socket, script, startup] = ['my-ioc', 'iocsh.bash', 'st.cmd'].map((name) => join(cwd, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(script, '#!/bin/sh\necho "iocsh $1"; while read word; do echo "said $word"; done\n', { mode: 0o755 });
  const words = ['-n', 'Test IOC', '-i', '^D^C', '-L', 'procServ.log', `unix:${socket}`, script, startup];
  const { code, stderr } = await runProcServ(t, words, { cwd });
  const pid = Number(/spawning daemon process: (\d+)\n$/.exec(stderr)?.[1]);
  atEnd(t, () => isAlive(pid) && process.kill(pid, 'SIGKILL'));
  assert.equal(code, 0);
  const socat = await Terminal.run(t, ['socat', '-,raw,echo=0', `UNIX-CONNECT:${socket}`]);
  await socat.expect(/@@@ Child "Test IOC" started as: /);
  await socat.expect(/(?:Child "Test IOC" PID|The PID of new child "Test IOC" is): \d+\r+\n/);
  socat.type('\x04\x03one\r');
  await socat.expect(/said one\r+\n/);
  socat.type('\x14');
  await socat.expect(/@@@ Toggled auto restart to OFF\r\n/);
  socat.type('\x18');
  await socat.expect(/killed by signal 9\r\n/);
  await socat.expect(/\^Q quits the server\r\n/);
  socat.type('\x11');
  assert.equal((await socat.ended).code, 0);
  await until('the server is gone', () => !isAlive(pid));
  const log = readFileSync(join(cwd, 'procServ.log'), 'latin1');
  assert.ok(log.includes(`iocsh ${startup}\r\n`));
  assert.match(log, /@@@ Restarting child "Test IOC"\r\n.*said one\r\n.*@@@ Received a sigChild/s);
  assert.doesNotMatch(log, /Welcome/);
});

test('a command piped through socat gets its answer', { skip }, async (t) => {
  const server = await ProcServ.start(t, ['sh', '-c', 'echo ready; while read word; do echo "said $word"; done']);
  await (await server.attach()).expect(/ready/);
  const socat = spawn('socat', ['-t', '5', '-', `UNIX-CONNECT:${server.control}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  atEnd(t, () => socat.kill('SIGKILL'));
  const said = new Transcript();
  socat.stdout.on('data', (data: Buffer) => said.add(data));
  socat.stdin.end('one\n');
  await said.expect(/said one\r\n/);
});
