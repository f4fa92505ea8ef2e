// A procServ in the foreground whose surroundings go away: its terminal, and those who read what it says.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '../harness/client.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { PROCSERV, ProcServ } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';
import { PtyProgram } from '../pty-program.ts';

test('whoever reads standard output and error may go away: the child lives', async (t) => {
  const server = await ProcServ.start(t, ['-d', '-L', '/dev/full', 'cat']);
  const client = await server.attach();
  await server.stderr.expect(/./);
  server.process.stdout?.destroy();
  server.process.stderr?.destroy();
  for (let line = 0; line < 5; line++) {
    client.send(`line ${line}\r`);
    // The echo, and what cat says.
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
  t.after(() => {
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
