// The reader of a program's output may go away early (`| head`, `| grep -q`): the program does its work and ends
// normally.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { ROOT } from '../harness/systemd.ts';

const CF = 'access * { trusted 127.0.0.1; }\nconsole one { master localhost; type exec; exec cat; rw *; }\n';

const COMMANDS: readonly (readonly [program: string, ...words: string[]])[] = [
  ['procServ', '-h'],
  ['procServ', '-V'],
  ['procServ'],
  ['procServ', '--nope'],
  ['holdfast', '--help'],
  ['holdfast', 'ps', '--help'],
  ['holdfast', 'nope'],
  ['holdfast', 'import', 'conserver', 'cf'],
  ['holdfast', 'completion', 'bash'],
  ['holdfast-holder'],
  ['manage-procs', '-h'],
  ['manage-procs', '--user', 'status'],
  ['manage-procs', 'nope'],
  ['manage-procs', '--user', 'add', '-f', '-C', '/not/there', 'x', 'x'],
  ['procServ-launcher', '--user', 'x'],
  ['systemd-procserv-generator-user'],
  ['systemd-procserv-generator-system'],
  ['conserver', '-V'],
  ['conserver', '-h'],
  ['conserver', '-SS', '-C', 'cf'],
  ['conserver', '-S', '-C', 'nope'],
  ['conserver', '--nope'],
  ['console', '-h'],
  ['console', '-V'],
  ['console', '-M', '127.0.0.1', '-p', '1', 'x'],
  ['console', '--nope'],
  ['isis', '-v'],
  ['isis', '--nope'],
  ['isisCmd'],
  ['isisCmd', '-h'],
  ['execISIS'],
  ['execISIS', '-h'],
];

/** The writing end of a pipe without a reader. */
function closedPipe(folder: string): number {
  const path = join(folder, 'fifo');
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  closeSync(reader);
  return writer;
}

for (const [program, ...words] of COMMANDS) {
  test([program, ...words].join(' '), (t) => {
    const cwd = temporaryDirectory(t);
    execFileSync('mkfifo', [join(cwd, 'fifo')]);
    writeFileSync(join(cwd, 'cf'), CF);
    // The machine is not queried.
    writeFileSync(join(cwd, 'systemctl'), '#!/bin/sh\n', { mode: 0o755 });
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    const env = { PATH: `${cwd}:${PATH}`, HOME: cwd, XDG_RUNTIME_DIR: cwd, NODE_COMPILE_CACHE };
    const run = (stdout: number | 'pipe', stderr: number | 'pipe') =>
      spawnSync(join(ROOT, 'bin', program), words, { cwd, env, stdio: ['ignore', stdout, stderr], timeout: 60_000 });
    const heard = run('pipe', 'pipe');
    const pipe = closedPipe(cwd);
    atEnd(t, () => closeSync(pipe));
    const unheard = run(pipe, 'pipe');
    // conserver prints its version and the time.
    const said = (text: Buffer) => `${text}`.replaceAll(/\(\d+\)|^\[.*?\]/gm, '');
    assert.deepEqual([unheard.status, said(unheard.stderr)], [heard.status, said(heard.stderr)]);
    assert.doesNotMatch(`${heard.stderr}`, /^ {4}at /m);
    assert.equal(run(pipe, pipe).status, heard.status);
  });
}
