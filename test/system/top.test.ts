// `holdfast top` in a real terminal, against a real server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { HOLDFAST, HostUnderTest, perl } from '../harness/host.ts';
import { isAlive, missing } from '../harness/machine.ts';
import { Tmux } from '../harness/tmux.ts';
import { until } from '../harness/until.ts';

const ANSWERS = perl('$|=1; print "line $_\\n" for 1..5000; print "epics> "; while (<STDIN>) { print "got $_" }');
const CONSOLES = `
[console.vac-01]
${ANSWERS}
groups = ["vac"]
[console.rf-09]
${perl('print "Segmentation fault\\n"; exit 3')}
restart = "never"
[console.off]
${ANSWERS}
start = false
`;
const SKIP = { skip: missing('tmux') };
/** Only what hangs takes so long. */
const TOO_LONG_MS = 300_000;

/** A shell that runs it when Enter is pressed, says how it ended, and when the settings of the terminal are what they were. */
function shellOf(host: HostUnderTest): string {
  const settings = 'stty -a | sed 1d';
  const before = `${host.folder}/before`;
  const top = `env HOLDFAST_SOCKET=${host.control} NO_COLOR=1 ${HOLDFAST} top`;
  const same = `${settings} | cmp -s - ${before}`;
  // A shell that was told of the end may be quicker than the guard.
  return `${settings} > ${before}; read x; ${top}; printf '\\r\\nstatus %s\\r\\n' $?; ${same} && echo same; until ${same}; do sleep 0.05; done; echo; echo given back; exec cat`;
}

/** The process that a shell waits for. */
function childOf(shell: number): number | undefined {
  const [child] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'latin1').split(' ');
  return child === undefined || child === '' ? undefined : Number(child);
}

async function started(t: TestContext, columns = 80, rows = 24, consoles = CONSOLES) {
  const host = await HostUnderTest.start(t, consoles);
  const tmux = await Tmux.start(t, shellOf(host), columns, rows);
  const before = await tmux.modes();
  await tmux.keys('Enter');
  return { host, tmux, before };
}

test('trouble first, filter, verbs and their refusals, and the terminal as it was', SKIP, async (t) => {
  const { host, tmux, before } = await started(t);
  const screen = await tmux.shows(/3 consoles:[\s\S]*rf-09[\s\S]*vac-01[\s\S]*off/);
  assert.match(
    screen,
    /^3 consoles: 1 running, 1 failed, 1 stopped .*\n {2}NAME .*\n> rf-09 .*\n {2}vac-01 .*\n {2}off /,
  );
  assert.equal((await tmux.modes()).alternate_on, '1');
  await tmux.keys('/');
  await tmux.keys('-l', 'vac');
  await tmux.shows(/filter: vac_/);
  await tmux.keys('Enter');
  await tmux.shows(/filter: vac \(1 of 3\)[\s\S]*> vac-01/);
  await tmux.keys('x');
  await tmux.shows(/stop vac-01\? y: yes/);
  await tmux.keys('n');
  await tmux.shows(/nothing was done/);
  assert.equal((await host.state('vac-01', 'running')).name, 'vac-01');
  await tmux.keys('h');
  await tmux.keys('-l', 'HV card');
  await tmux.keys('Enter');
  await tmux.shows(/vac-01 +held .*HV c/);
  await tmux.keys('s');
  await tmux.shows(/start: vac-01: .*held by .*HV card/);
  await tmux.keys('u');
  await tmux.shows(/vac-01 +running/);
  await tmux.keys('Escape');
  await tmux.shows(/\n {2}off /);
  await tmux.keys('q');
  const after = await tmux.shows(/status 0\nsame/);
  assert.doesNotMatch(after, /NAME/);
  assert.deepEqual(await tmux.modes(), before);
});

test('a pane is live and goes back into the log; w, e, search, attach and back', SKIP, async (t) => {
  const { host, tmux } = await started(t);
  await host.said('vac-01', 'line 5000');
  await tmux.shows(/vac-01 +running/);
  await tmux.keys('/');
  await tmux.keys('-l', 'vac');
  await tmux.keys('Enter', 'Enter');
  await tmux.shows(/vac-01: running .*live[\s\S]*line 5000\n epics>/);
  const session = await host.attach('vac-01', { lines: 0 }, {}, { write: true });
  session.input(Buffer.from('hello\n'));
  await tmux.shows(/got hello/);
  session.close();
  await tmux.keys('Home');
  await tmux.shows(/lines to the end\)/);
  await tmux.keys('/');
  await tmux.keys('-l', 'line 17');
  await tmux.keys('Enter');
  // The session has the last lines only; what is before them comes from the log.
  await tmux.shows(/\n>.*line 1799\n/);
  await tmux.keys('End');
  await tmux.shows(/got hello/);
  await tmux.keys('w');
  await tmux.shows(/\(why\)[\s\S]*It is up/);
  await tmux.keys('e');
  await tmux.shows(/\(events\)[\s\S]*started, pid/);
  await tmux.keys('a');
  await tmux.shows(/live from here, read-only/);
  await tmux.keys('C-]', 'd');
  await tmux.shows(/\(events\)[\s\S]*started, pid/);
  await tmux.keys('Escape', '?');
  await tmux.shows(/Everywhere +In the list/);
  await tmux.keys('Escape');
  await tmux.shows(/> vac-01/);
  await tmux.keys('q');
  await tmux.shows(/status 0\nsame/);
});

test('a resize at any moment: list and pane at 200x60, a word at 30x5', SKIP, async (t) => {
  const { tmux } = await started(t, 200, 60);
  await tmux.shows(/> rf-09/);
  await tmux.keys('Down', 'Enter');
  await tmux.shows(/rf-09 +failed[\s\S]*── vac-01: running .*\n[\s\S]*line 5000/);
  await tmux.do('resize-window', '-x', '30', '-y', '5');
  await tmux.shows(/too small: 30x5/);
  await tmux.do('resize-window', '-x', '80', '-y', '24');
  await tmux.shows(/^── vac-01: running [\s\S]*line 5000/);
  await tmux.keys('Escape');
  await tmux.shows(/^3 consoles/);
  await tmux.keys('q');
  await tmux.shows(/status 0\nsame/);
});

test('a server that is killed leaves its last list, and the next one goes on with it', SKIP, async (t) => {
  const { host, tmux } = await started(t);
  await tmux.shows(/vac-01 +running/);
  await host.kill();
  await tmux.shows(/-- the server is gone since \d\d:\d\d; waiting for it[\s\S]*vac-01 +running/);
  await tmux.keys('Down', 's');
  await tmux.shows(/no server answers/);
  await host.up();
  await tmux.shows(/^3 consoles[^\n]*\n {2}NAME/);
  await tmux.keys('q');
  await tmux.shows(/status 0/);
});

test('whatever kills it, the terminal is given back', SKIP, async (t) => {
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGHUP'] as const) {
    const { host, tmux, before } = await started(t);
    await tmux.shows(/vac-01 +running/);
    const pane = Number(await tmux.do('display-message', '-p', '#{pane_pid}'));
    const pid = await until('top', () => childOf(pane));
    process.kill(pid, signal);
    await until('its end', () => !isAlive(pid));
    // How it ended may have been said on the alternate screen.
    const screen = await tmux.shows(/given back\n/);
    assert.doesNotMatch(screen, /NAME/, signal);
    assert.deepEqual(await tmux.modes(), before, signal);
    assert.equal((await host.state('vac-01', 'running')).name, 'vac-01');
  }
});

test('1,000 consoles: both ends of the list, a filter, and little work where nothing happens', {
  ...SKIP,
  timeout: TOO_LONG_MS,
}, async (t) => {
  const names = Array.from({ length: 1000 }, (_, at) => `ioc-${String(at + 1).padStart(4, '0')}`);
  const many = names.map((name) => `[console.${name}]\nrun = ["/bin/cat"]\nstart = false\n`).join('');
  const { tmux } = await started(t, 80, 24, many);
  await tmux.shows(/^1000 consoles: 1000 stopped/);
  await tmux.keys('End');
  await tmux.shows(/> ioc-1000/);
  await tmux.keys('/');
  await tmux.keys('-l', 'ioc-077');
  await tmux.shows(/ioc-0770[\s\S]*ioc-0779/);
  await tmux.keys('Escape', 'Home');
  await tmux.shows(/> ioc-0001/);
  await tmux.keys('q');
  await tmux.shows(/status 0\nsame/);
});

test('without a terminal that can do it, it says what does', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLES);
  const { code, stderr } = await host.command('top');
  assert.deepEqual(
    [code, stderr],
    [64, "holdfast: top: it takes a terminal; 'holdfast ps --watch' shows the consoles without one\n"],
  );
});
