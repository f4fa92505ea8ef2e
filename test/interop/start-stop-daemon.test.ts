/** Init scripts: how they find a procServ according to docs/guide/procServ.md. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { isAlive, missing, temporaryDirectory } from '../harness/machine.ts';
import { PROCSERV } from '../harness/procserv.ts';

const PROGRAM = 'start-stop-daemon';
const skip = missing(PROGRAM);
/** Its `--status`: not running although there is a pid file. */
const DEAD = 1;

test('a server is found by its pid file and name, not by the program', { skip }, (t) => {
  const cwd = temporaryDirectory(t);
  const pidFile = join(cwd, 'pid');
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const ask = (...words: readonly string[]) =>
    spawnSync(PROGRAM, words, { cwd, env, encoding: 'utf8', timeout: 30_000 });
  // Other processes of this name may run on this machine.
  const name = `ps-${process.pid}`;
  const program = join(cwd, name);
  symlinkSync(PROCSERV, program);
  const whose = ['--pidfile', pidFile, '--name', name];
  const start = ['--start', ...whose, '--startas', program, '--', '-q', '-p', pidFile, 'unix:control', 'cat'];
  assert.equal(ask(...start).status, 0);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  atEnd(t, () => isAlive(pid) && process.kill(pid, 'SIGKILL'));
  assert.equal(ask('--status', ...whose).status, 0);
  assert.equal(ask('--status', '--pidfile', pidFile, '--exec', program).status, DEAD);
  const again = ask(...start);
  assert.deepEqual([again.status, again.stdout.trim()], [1, 'process already running.']);
  assert.equal(Number(readFileSync(pidFile, 'utf8')), pid);
  assert.equal(ask('--stop', ...whose, '--retry', '20').status, 0);
  assert.deepEqual([isAlive(pid), existsSync(pidFile)], [false, false]);
});
