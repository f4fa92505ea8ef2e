// The terminal after `holdfast attach`: tmux is the terminal, and reports its settings.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOLDFAST, HostUnderTest } from '../harness/host.ts';
import { missing } from '../harness/machine.ts';
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
