/** Signals that do not concern a server do not end it, nor does a standard error that takes nothing. */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SIGNALS } from '../../src/model/signals.ts';
import { freePort } from '../harness/free-port.ts';
import { HostUnderTest } from '../harness/host.ts';
import { folderFor, IsisProcess, writeIni } from '../harness/isis.ts';
import { isAlive, status } from '../harness/machine.ts';
import { ProcServ, Program } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';
import { greeting, OUR_CONSERVER } from '../interop/conserver-server.ts';

type Name = keyof typeof SIGNALS;

/**
 * Signals that all of our programs ignore; the keys of a terminal (INT, QUIT) and HUP have their own meaning in each.
 */
const STRAY: readonly Name[] = ['ALRM', 'STKFLT', 'XCPU', 'XFSZ', 'VTALRM', 'PROF', 'IO', 'PWR', 'PIPE'];
const CONSOLE = '[console.a]\nrun = ["/bin/cat"]\n';
const REAL_TIME = [34, 50, 64];

/** Sends them all; `answers` resolves when the program has handled everything before. */
async function survives(server: ChildProcess, more: readonly Name[], answers: () => Promise<unknown>): Promise<void> {
  const pid = server.pid as number;
  for (const number of [...[...STRAY, ...more].map((name) => SIGNALS[name]), ...REAL_TIME]) {
    process.kill(pid, number);
    await answers();
    assert.ok(isAlive(pid), `signal ${number}`);
  }
  assert.equal(BigInt(`0x${status(pid, 'SigBlk')}`), 0n, 'no signal waits for ever');
}

/** Its output is not read any more. */
function deafen({ stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
}

test('the host server', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLE);
  await host.state('a', 'running');
  const before = await host.pids();
  await survives(host.server.process, ['USR1', 'USR2', 'QUIT'], () => host.client.version());
  deafen(host.server.process);
  host.configure('nonsense\n');
  // It reports the mistakes in the file, to nobody, before it answers the next request of the kind.
  host.server.process.kill('SIGHUP');
  assert.notEqual((await host.command('reload')).code, 0);
  assert.equal((await host.pids()).a, before.a);
});

test('procServ', async (t) => {
  const server = await ProcServ.start(t, ['-L', 'folder/log', '/bin/cat']);
  const client = await server.attach();
  // Input typed before there is a child is dropped.
  await client.expect(/@@@ (Child "\/bin\/cat" PID|The PID of new child)/);
  let asked = 0;
  const answers = () => {
    client.send(`word ${++asked}\r`);
    return client.expect(new RegExp(`word ${asked}\\r`));
  };
  await survives(server.process, ['USR1', 'USR2', 'QUIT', 'INT'], answers);
  deafen(server.process);
  // The log cannot be opened again either, which is reported to nobody.
  server.process.kill('SIGHUP');
  await answers();
  assert.ok(isAlive(server.pid));
});

test('conserver', async (t) => {
  const folder = folderFor(t);
  const cf = join(folder, 'cf');
  writeFileSync(cf, 'default any { master localhost; type exec; exec cat; rw *; } access * { trusted 127.0.0.1; }\n');
  const port = await freePort();
  const words = ['-C', cf, '-M', '127.0.0.1', '-p', `${port}`, '-P', join(folder, 'passwd'), '-E'];
  const server = new Program(t, OUR_CONSERVER, words);
  await until('conserver greets', () => server.stdout.text.includes('conserver.com'));
  await greeting(port);
  await survives(server.process, ['USR1', 'USR2', 'QUIT'], () => greeting(port));
  deafen(server.process);
  writeFileSync(cf, 'nonsense\n');
  server.process.kill('SIGHUP');
  await greeting(port);
  assert.ok(isAlive(server.pid));
});

test('isis', async (t) => {
  const folder = folderFor(t);
  const isis = await IsisProcess.start(t, writeIni(folder, []));
  const pid = isis.child.pid as number;
  // The kernel shows that it has handled a signal: none is pending.
  const answers = () => until('nothing pends', () => !isAlive(pid) || BigInt(`0x${status(pid, 'ShdPnd')}`) === 0n);
  await survives(isis.child, ['USR1', 'USR2', 'QUIT', 'HUP'], answers);
  assert.equal(await isis.stop(), 0);
});
