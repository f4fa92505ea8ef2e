// The terminal after `holdfast attach`: tmux is the terminal, and reports its settings.

import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { HOLDFAST, HostUnderTest } from '../harness/host.ts';
import { isRoot, missing } from '../harness/machine.ts';
import { Tmux } from '../harness/tmux.ts';

const MESS =
  '\\033[?1049h\\033[2J\\033[?1h\\033=\\033[?7l\\033[?25l\\033[4h\\033[5;10r\\033[?6h\\033[?1003;1006h\\033[?2004h' +
  '\\033[3g\\033[31;7m\\033]2;mine\\033\\\\MESSED\\033)0\\016\\017\\033(0';

test('after attach the terminal is as it was, and "detached" appears on the normal screen', {
  skip: missing('tmux'),
}, async (t) => {
  const program = `read x; printf '${MESS}'; exec cat`;
  const host = await HostUnderTest.start(t, `[console.a]\nrun = ["/bin/sh", "-c", ${JSON.stringify(program)}]\n`);
  await host.state('a', 'running');
  const shell = `echo first line; read x; HOLDFAST_SOCKET=${host.control} NO_COLOR=1 ${HOLDFAST} attach a --write; printf 'status %s, lqqk\\n' $?; exec cat`;
  const tmux = await Tmux.start(t, shell);
  await tmux.shows(/first line/);
  const before = await tmux.modes();
  await tmux.do('send-keys', 'Enter');
  await tmux.shows(/you have the keyboard/);
  await tmux.do('send-keys', 'go', 'Enter');
  await tmux.shows(/MESSED/);
  const messed = await tmux.modes();
  assert.equal(messed.alternate_on, '1');
  assert.notDeepEqual({ ...messed, alternate_on: '' }, { ...before, alternate_on: '' });

  await tmux.do('send-keys', 'C-]', 'd');
  const screen = await tmux.shows(/status 0/);
  assert.match(screen, /^first line\n.*you have the keyboard --\n.*-- detached from a --\nstatus 0, lqqk\n/s);
  assert.doesNotMatch(screen, /MESSED/);
  // Cells of another character set and colours would be marked.
  assert.match(await tmux.do('capture-pane', '-p', '-e'), /\n-- detached from a --\nstatus 0, lqqk\n/);
  assert.deepEqual(await tmux.modes(), before);
});

test('a program without an alternate screen: the cursor is visible, the tabs are where they were', {
  skip: missing('tmux'),
}, async (t) => {
  const mess = '\\033[3g\\033[1;4H\\033H\\033[2;3r\\033[10;5Hlast words\\033(0';
  const program = `read x; printf '${mess}'; exec cat`;
  const host = await HostUnderTest.start(t, `[console.a]\nrun = ["/bin/sh", "-c", ${JSON.stringify(program)}]\n`);
  await host.state('a', 'running');
  const shell = `read x; HOLDFAST_SOCKET=${host.control} NO_COLOR=1 ${HOLDFAST} attach a --write; printf 'a\\tb\\n'; exec cat`;
  const tmux = await Tmux.start(t, shell);
  const before = await tmux.modes();
  await tmux.do('send-keys', 'Enter');
  await tmux.shows(/you have the keyboard/);
  await tmux.do('send-keys', 'go', 'Enter');
  await tmux.shows(/last words/);
  await tmux.do('send-keys', 'C-]', 'd');
  const screen = await tmux.shows(/a {7}b/);
  assert.match(screen, / {4}last words\n-- detached from a --\na {7}b\n/);
  assert.deepEqual(await tmux.modes(), before);
});

/** 80 x 24 of somebody on the console `a`; `as`: what runs the command as another user. */
async function visit(t: TestContext, host: HostUnderTest, as = ''): Promise<Tmux> {
  const shell = `HOLDFAST_SOCKET=${host.control} NO_COLOR=1 ${as} ${HOLDFAST} attach a; printf 'status %s\\n' $?; exec cat`;
  return Tmux.start(t, shell);
}

test('at 80 x 24, as root and as somebody who may only read: what one may do is done, what not is said', {
  skip: missing('tmux') || (isRoot ? false : 'needs root'),
}, async (t) => {
  const rules = '[[access.rule]]\nwho = ["daemon"]\nmay = ["read"]\n';
  const host = await HostUnderTest.start(t, `${rules}[console.a]\nrun = ["/bin/cat"]\n`, {
    server: 'control_mode = "0666"',
  });
  await host.state('a', 'running');
  chmodSync(host.folder, 0o755);
  const reader = await visit(t, host, 'setpriv --reuid=daemon --regid=daemon --clear-groups');
  await reader.shows(
    /-- a: live from here, read-only; \^\] \? for help --\n-- read-only: daemon may not take the keyboard of a: it takes the right\n {3}`write`, which no rule gives --/,
  );
  await reader.do('send-keys', 'C-]', 's');
  await reader.shows(/-- nothing was done: you may not stop a; 'holdfast access a' says who may --/);
  await reader.do('send-keys', 'C-c');
  await reader.shows(/-- \^C is not sent, since this is read-only; \^\] d leaves --/);
  await reader.do('send-keys', 'x', 'y');
  await reader.shows(/-- not sent: this is read-only --/);
  const root = await visit(t, host);
  await root.shows(
    /-- a: live from here, read-only \(\^\] t to type\); .*\n-- also here: daemon \(pid \d+, attach\) --/,
  );
  await root.do('send-keys', 'C-]', '?');
  const help = await root.shows(/\? {2}this list --/);
  assert.match(help, /-- t {2}take the keyboard, if nobody has it {3}T {2}take it by force --\n/);
  await root.do('send-keys', 'C-]', 's');
  await root.shows(/-- a: stop it\? \[y\/N\]/);
  await root.do('send-keys', 'y');
  await root.shows(/-- stop: a is stop/);
  await host.state('a', 'stopped');
  await root.do('send-keys', 'C-]', 't');
  await root.shows(/-- you have the keyboard --/);
  await root.do('send-keys', 'x');
  await root.shows(/-- nothing reads this: it is stopped; \^\] s starts it --/);
  await root.do('send-keys', 'C-]', 's');
  await host.state('a', 'running');
  for (const tmux of [reader, root]) {
    await tmux.do('send-keys', 'C-]', 'd');
    await tmux.shows(/-- detached from a --\nstatus 0/);
  }
});
