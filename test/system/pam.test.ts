/** A real PAM stack in a throw-away root: its own /etc/pam.d, /etc/passwd and /etc/shadow, in a mount namespace. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PamAccount, PamAnswer, PamQuestion } from '../../src/access/pam.ts';
import { noPam, type PamRoot, throwAwayRoot } from '../harness/pam-root.ts';
import { CONSOLE, OnTerminal, OUR_CONSERVER, run, startConserver } from '../interop/conserver-server.ts';

const ASKER = join(import.meta.dirname, 'pam-asker.ts');
const NODE = join(import.meta.dirname, '../../build/node');
/** No other process on this machine has this in its command line. */
const OTHER = `other-${process.pid}-${Date.now()}`;

const skip = noPam();
const PAT = { pat: OTHER };

async function ask(
  { inside }: PamRoot,
  patience: number,
  questions: readonly (PamQuestion | PamAccount)[],
): Promise<PamAnswer[]> {
  const [command = '', ...words] = [...inside, ...[NODE, ASKER, 'conserver', `${patience}`, JSON.stringify(questions)]];
  const { status, stdout, stderr } = await run(command, words);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as PamAnswer[];
}

const question = (user: string, password: string): PamQuestion => ({ user, password, host: 'peer.example' });

test('pam_unix: password, account, and input that is not a password', { skip }, async (t) => {
  const root = throwAwayRoot(t, 'auth required pam_unix.so\naccount required pam_unix.so\n');
  const answers = await ask(root, 20_000, [
    question('ann', 'secret'),
    question('ann', 'wrong'),
    question('ann', ''),
    question('old', 'secret'),
    question('nobody-here', 'secret'),
    question('ann\0x', 'secret'),
    question('x'.repeat(5000), 'y'),
    ...['ann', 'old', 'nobody-here'].map((user) => ({ user, host: 'peer.example' })),
  ]);
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['right', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'unable', 'right', 'wrong', 'wrong'],
  );
  for (const index of [3, 8]) {
    assert.match((answers[index] as { reason: string }).reason, /expired/);
  }
});

test('pam_faillock: after three wrong ones the right one is refused, and others are not', { skip }, async (t) => {
  const tally = 'dir=@D@/tally deny=3 unlock_time=3600';
  const stack = [
    `auth requisite pam_faillock.so preauth ${tally}`,
    'auth [success=1 default=bad] pam_unix.so',
    `auth [default=die] pam_faillock.so authfail ${tally}`,
    `auth sufficient pam_faillock.so authsucc ${tally}`,
    'account required pam_faillock.so\naccount required pam_unix.so\n',
  ];
  const root = throwAwayRoot(t, stack.join('\n'));
  const kinds = async (...questions: PamQuestion[]) => (await ask(root, 20_000, questions)).map(({ kind }) => kind);
  assert.deepEqual(await kinds(question('ann', 'secret')), ['right']);
  const wrong = question('ann', 'wrong');
  assert.deepEqual(await kinds(wrong, wrong, wrong), ['wrong', 'wrong', 'wrong']);
  assert.deepEqual(await kinds(question('ann', 'secret'), question('locked', 'secret')), ['wrong', 'wrong']);
});

test('pam_pwdfile: users unknown to the system', { skip }, async (t) => {
  const stack = 'auth required pam_pwdfile.so pwdfile=@D@/pwdfile\naccount required pam_permit.so\n';
  const answers = await ask(throwAwayRoot(t, stack, 'conserver', PAT), 20_000, [
    question('pat', OTHER),
    question('pat', 'secret'),
  ]);
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['right', 'wrong'],
  );
});

test('a module that does not answer is ended with all that it started; others are served', { skip }, async (t) => {
  const stack =
    'auth [success=ignore default=1] pam_succeed_if.so quiet user = slow\nauth required pam_exec.so quiet @D@/hang\n' +
    'auth required pam_unix.so\n' +
    'account [success=ignore default=1] pam_succeed_if.so quiet user = slow\naccount required pam_exec.so quiet @D@/hang\n' +
    'account required pam_unix.so\n';
  const root = throwAwayRoot(t, stack);
  writeFileSync(join(root.folder, 'hang'), `#!/bin/sh\necho $$ >> ${root.folder}/pids\nsleep 600\n`, { mode: 0o755 });
  const slow = Array.from({ length: 4 }, () => question('slow', 'x'));
  const answers = await ask(root, 1000, [...slow, question('ann', 'secret'), { user: 'slow', host: 'peer.example' }]);
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['wrong', 'wrong', 'wrong', 'wrong', 'right', 'unable'],
    'nobody is logged in, and nobody is thrown out',
  );
  assert.match((answers[0] as { reason: string }).reason, /did not answer/);
  for (const pid of readFileSync(join(root.folder, 'pids'), 'utf8').trim().split('\n')) {
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : 'gone';
    assert.match(state, /gone|\) [ZX]/, `process ${pid} of the module`);
  }
});

test('console(1) logs in with a password that PAM knows; no command line and no environment has it', {
  skip,
}, async (t) => {
  const stack =
    'auth required pam_exec.so quiet @D@/look\n' +
    'auth required pam_pwdfile.so pwdfile=@D@/pwdfile\naccount required pam_permit.so\n';
  const root = throwAwayRoot(t, stack, 'conserver', PAT);
  const look = 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; tr "\\0" " " < $p/environ; done 2> /dev/null';
  writeFileSync(
    join(root.folder, 'look'),
    `#!/bin/sh\n{ ${look}; } > ${root.folder}/seen\n# A process that is gone in between is not a failure.\nexit 0\n`,
    { mode: 0o755 },
  );
  const wrapper = join(root.folder, 'conserver');
  const quoted = [...root.inside, OUR_CONSERVER].map((word) => `'${word}'`).join(' ');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  const cf = 'console alpha { master localhost; type exec; exec cat; rw *; }\naccess * { allowed 127.0.0.1; }\n';
  const server = await startConserver(t, cf, '*any*:*passwd*\n', wrapper);
  const words = `-n -C /dev/null -M 127.0.0.1 -p ${server.port} -E -l pat -u`;
  const terminal = new OnTerminal(t, `${CONSOLE} ${words}`);
  await terminal.expect('password: ');
  terminal.type('wrong\r');
  await terminal.expect('invalid password');
  await terminal.expect('password: ');
  terminal.type(`${OTHER}\r`);
  await terminal.expect(/ alpha +up +<none>/);
  assert.equal(await terminal.ended, 0);
  const seen = readFileSync(join(root.folder, 'seen'), 'latin1');
  assert.match(seen, /holdfast-pam conserver 30000/);
  assert.ok(!seen.includes(OTHER));
});

test('without libpam /etc/shadow decides, once the helper has reported that', { skip: skip || false }, async (t) => {
  const root = throwAwayRoot(t, '');
  const helper = join(import.meta.dirname, '../../build/holdfast-pam');
  const child = spawn('sh', ['-c', `ldconfig -p | sed -n 's/.* => \\(.*libpam.so.0\\)$/\\1/p'`]);
  let paths = '';
  for await (const text of child.stdout) {
    paths += text;
  }
  const hide = paths
    .trim()
    .split('\n')
    .map((path) => `mount --bind /dev/null ${path}`)
    .join(' && ');
  const [command = '', ...words] = [...root.inside, 'sh', '-c', `${hide} && exec ${helper} conserver 9000`];
  const { status, stderr } = await run(command, words, 'ann\0h\0secret\0');
  assert.deepEqual([status, stderr], [3, 'libpam.so.0 is not on this machine\n']);
});
