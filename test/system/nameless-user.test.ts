/** An unknown user id without HOME, as in a container: every program works, or says what it lacks. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { ROOT } from '../harness/systemd.ts';

const ID = '54321';
const BARE = [
  '--reuid',
  ID,
  '--regid',
  ID,
  '--clear-groups',
  'env',
  ...['HOME', 'USER', 'LOGNAME', 'XDG_RUNTIME_DIR'].flatMap((name) => ['-u', name]),
];
const options = {
  skip:
    spawnSync('setpriv', [...BARE, 'true']).status === 0 ? false : 'only root may become somebody else, with setpriv',
};

function run(cwd: string, ...words: readonly string[]): { status: number | null; said: string } {
  const [program, ...rest] = words as [string, ...string[]];
  const { status, stdout, stderr } = spawnSync('setpriv', [...BARE, join(ROOT, 'bin', program), ...rest], {
    ...{ cwd, encoding: 'utf8', input: '', timeout: 60_000 },
  });
  return { status, said: `${stdout}${stderr}` };
}

test('no program answers with a stack trace', options, (t) => {
  const folder = temporaryDirectory(t);
  chmodSync(folder, 0o777);
  writeFileSync(
    join(folder, 'c.cf'),
    'access * { trusted 127.0.0.1; }\nconsole x { master localhost; type exec; exec cat; logfile ""; }\n',
  );
  for (const words of [
    ...['ps', 'doctor', 'up', 'version', 'plan', 'help'].map((verb) => ['holdfast', verb]),
    ...['e3', 'procserv', 'manage-iocs', 'ioc-runner', 'conserver'].map((kind) => ['holdfast', 'import', kind]),
    ['holdfast', 'export', 'conserver'],
    ['holdfast', 'systemd', 'units'],
    ['console', 'x'],
    ['conserver', '-S', '-C', 'c.cf'],
    ['isis', '-fnone.ini'],
    ['isisCmd', 'x'],
    ['execISIS'],
    ['manage-procs', '--user', 'list'],
    ['procServ-launcher', '--user', 'x'],
    ['systemd-procserv-generator-user', folder, folder, folder],
    ['procServ', '-f', `unix:nobody-of-this-name:x:0660:${folder}/s`, 'cat'],
  ]) {
    const { said, status } = run(folder, ...words);
    assert.doesNotMatch(said, /^ +at |ERR_|uv_os/m, words.join(' '));
    assert.ok(status !== null && status !== 70, `${words.join(' ')}: ${status}: ${said}`);
  }
  assert.match(run(folder, 'console', 'x').said, /user 54321 has no name here: give one with -l, or in LOGNAME/);
});

test('a host server of such a user', options, (t) => {
  const folder = temporaryDirectory(t);
  chmodSync(folder, 0o777);
  const file = join(folder, 'h.toml');
  const folders = ['runtime', 'state', 'log'].map((name) => `${name}_dir = "${folder}/${name}"\n`);
  writeFileSync(
    file,
    `[server]\n${folders.join('')}[isis.m]\nport = 0\n[console.a]\nrun = ["/bin/cat"]\n[console.b]\nrun = ["/bin/cat"]\nuser = "root"\n`,
  );
  const control = ['--socket', join(folder, 'runtime/control')];
  atEnd(t, () => run(folder, 'holdfast', 'down', '--all', '--yes', ...control));
  assert.equal(run(folder, 'holdfast', 'up', '-c', file).status, 0);
  assert.equal(run(folder, 'holdfast', 'restart', 'a', ...control).status, 0);
  assert.match(run(folder, 'holdfast', 'events', 'a', ...control).said, /uid 54321/);
  assert.match(
    run(folder, 'holdfast', 'why', 'b', ...control).said,
    /only root may start it as user 'root', and this server runs as uid 54321/,
  );
});
