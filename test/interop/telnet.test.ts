import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { isAlive, missing, temporaryDirectory } from '../harness/machine.ts';
import { PROCSERV, ProcServ, runProcServ } from '../harness/procserv.ts';
import { Terminal } from '../harness/terminal.ts';
import { until } from '../harness/until.ts';

const skip = missing('telnet');
const SHELL = 'echo iocsh ready; while read word; do echo "said $word"; done';

/** An iocsh of the seed: a script without arguments. */
function iocsh(directory: string): string {
  const script = join(directory, 'iocsh.bash');
  writeFileSync(script, `#!/bin/sh\n${SHELL}\n`, { mode: 0o755 });
  return script;
}

/** Starts a daemon with the words of a seed; returns its pid. It is ended with the test. */
async function daemon(t: TestContext, words: readonly string[], cwd: string): Promise<number> {
  const env = { PROCSERV_PID: join(cwd, 'pid') };
  const { code, stderr } = await runProcServ(t, words, { cwd, env });
  assert.equal(code, 0, stderr);
  const pid = Number(/spawning daemon process: (\d+)/.exec(stderr)?.[1]);
  atEnd(t, () => {
    if (isAlive(pid)) {
      process.kill(pid, 'SIGKILL');
    }
  });
  return pid;
}

test('the first seed: procServ -n "iocsh" PORT CMD, telnet, ^X ^Q', { skip }, async (t) => {
  const cwd = temporaryDirectory(t);
  // The seed's port may be taken on this machine: any free one below the ephemeral range does.
  const script = iocsh(cwd);
  const pid = await daemon(t, ['-I', 'info', '-n', 'iocsh', '0', script], cwd);
  const port = /^tcp:127\.0\.0\.1:(\d+)$/m.exec(readFileSync(join(cwd, 'info'), 'utf8'))?.[1] as string;
  const telnet = await Terminal.run(t, ['telnet', 'localhost', port]);
  await telnet.expect(/Connected to localhost\.\r\nEscape character is '\^\]'\.\r\n/);
  await telnet.expect(/@@@ Welcome to procServ \(procServ Process Server .*\)\r+\n/);
  await telnet.expect(/@@@ Use \^X to kill the child, auto restart is ON, use \^T to toggle auto restart\r+\n/);
  await telnet.expect(new RegExp(`@@@ procServ server PID: ${pid}\r+\n`));
  await telnet.expect(new RegExp(`@@@ Child "iocsh" started as: ${script}\r+\n`));
  await telnet.expect(/(?:Child "iocsh" PID|The PID of new child "iocsh" is): \d+\r+\n/);
  telnet.type('one\r');
  await telnet.expect(/said one\r+\n/);
  telnet.type('\x14');
  await telnet.expect(/@@@ Toggled auto restart to OFF\r+\n/);
  telnet.type('\x18');
  await telnet.expect(/@@@ Got a kill command\r+\n/);
  await telnet.expect(/@@@ Received a sigChild for process \d+\. The process was killed by signal 9\r+\n/);
  await telnet.expect(/@@@ \^R or \^X restarts the child, \^Q quits the server\r+\n/);
  telnet.type('\x12');
  await telnet.expect(/iocsh ready\r+\n/);
  telnet.type('\x18');
  await telnet.expect(/\^Q quits the server\r+\n/);
  telnet.type('\x11');
  await telnet.expect(/Connection closed by foreign host\.\r\n/);
  await telnet.ended;
  await until('the server is gone', () => !isAlive(pid));
});

test('telnet keeps its own escape key, and quit ends the session', { skip }, async (t) => {
  const server = await ProcServ.start(t, ['-P', '127.0.0.1:0', '-x', '^]', 'sh', '-c', SHELL]);
  const telnet = await Terminal.run(t, ['telnet', '127.0.0.1', String(server.port)]);
  await telnet.expect(/iocsh ready\r+\n/);
  telnet.type('\x1d');
  await telnet.expect(/telnet> /);
  telnet.type('quit\r');
  await telnet.expect(/Connection closed\.\r\n/);
  await telnet.ended;
  await server.alone();
});

test('a line typed in telnet arrives once, whatever its line end', { skip }, async (t) => {
  const server = await ProcServ.start(t, ['-P', '127.0.0.1:0', 'sh', '-c', 'echo ready; exec cat -A']);
  const telnet = await Terminal.run(t, ['telnet', '127.0.0.1', String(server.port)]);
  await telnet.expect(/ready\r+\n/);
  telnet.type('one\r');
  await telnet.expect(/one\$\r+\n/);
  telnet.type('two\r');
  await telnet.expect(/^two\$\r+\n/m);
  assert.doesNotMatch(telnet.said.text, /^\$\r+\n/m, 'no empty line in between');
});

test('the unit of the template: the long form of every option', { skip }, async (t) => {
  const cwd = temporaryDirectory(t);
  const [log, run] = [join(cwd, 'log'), join(cwd, 'run')];
  mkdirSync(log);
  mkdirSync(run);
  writeFileSync(join(cwd, 'st.cmd'), 'startup script');
  const words = [
    '--foreground',
    '--name=test-ioc',
    `--logfile=${log}/out.log`,
    `--info-file=${run}/info`,
    '--ignore=^C^D',
    '--logoutcmd=^Q',
    `--chdir=${run}`,
    `--port=unix:${run}/control`,
    iocsh(cwd),
    join(cwd, 'st.cmd'),
  ];
  const server = await Terminal.run(t, [PROCSERV, ...words], { cwd });
  await server.expect(/@@@ Use \^Q to logout from procServ server\r+\n/);
  await server.expect(/iocsh ready\r+\n/);
  server.type('\x03\x04alive\n');
  await server.expect(/said alive\r+\n/);
  assert.match(readFileSync(join(run, 'info'), 'utf8'), new RegExp(`^pid:${server.child.pid}\nunix:${run}/control\n$`));
  await until('both are in the log', () =>
    /@@@ Restarting child "test-ioc"\r\n.*said alive\r\n/s.test(readFileSync(join(log, 'out.log'), 'utf8')),
  );
});
