/** Features of conserver lines on consoles of a host server, with Debian's console(1) and real terminals. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { ConserverHost, noConsole } from '../harness/conserver-host.ts';
import { perl } from '../harness/host.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const TRUST = 'trusted = ["127.0.0.0/8"]\nadmin = ["root"]';
/** Answers every line, and prints when it was started. */
const SHELL = perl('$| = 1; print "up $$\\n"; while (<>) { chomp; print "said $_\\n" }');
const options = { skip: noConsole };

test('a console on demand is there for its users only, and shows the first its first output', options, async (t) => {
  const site = await ConserverHost.start(t, TRUST, `a = { ${SHELL}, open = "on-demand" }\n`);
  assert.match((await site.ask('bob', '-E', '-u')).said, / a +down <none>/);
  const ann = await site.console('ann', 'a');
  await ann.expect(/up \d+\r\n/);
  const bob = await site.console('bob', '-s', 'a');
  await bob.expect(/Enter/);
  await site.host.state('a', 'running');
  assert.match((await site.ask('bob', '-E', '-i', 'a')).said, /:ondemand,autoreinit,login:/);
  ann.type('\x05c.');
  await ann.ended;
  assert.match((await site.ask('bob', '-E', '-u')).said, / a +up /);
  bob.type('\x05c.');
  await bob.ended;
  await site.host.state('a', 'stopped');
  // A console without readers is not wanted: `bringup` leaves it alone.
  await site.ask('root', '-E', '-z', 'bringup');
  assert.match((await site.ask('bob', '-E', '-u')).said, / a +down <none>/);
});

test('marks in the log; a log that is switched off, and on again when its user leaves', options, async (t) => {
  const marks = 'log.marks = { activity = true, breaks = true, tasks = true }';
  const own = String.raw`breaks = { x = { send = "boot\\r", delay = "20ms" } }
tasks = { t = { command = "echo of {name}; exit 3" } }`;
  const site = await ConserverHost.start(t, `${TRUST}\n${own}`, `[console.a]\n${SHELL}\n${marks}\n`);
  const ann = await site.console('ann', 'a');
  await ann.expect(/Enter/);
  ann.type('\x05cL');
  await ann.expect(/\[logging off\]/);
  ann.type('secret\r');
  await ann.expect(/said secret/);
  ann.type('\x05ca');
  await ann.expect(/\[ok \(nologging\)\]/);
  ann.type('\x05cnchanged the pump\r');
  await site.host.said('a', /NOTE -- ann@localhost: changed the pump -- /);
  ann.type('\x05cl2');
  await ann.expect(/\[halt sent\]/);
  ann.type('\x05clx');
  await ann.expect(/said .*boot/);
  ann.type('\x05c!?');
  await ann.expect(/ t - `echo of \{name\}; exit 3'/);
  ann.type('\x05c!t');
  await ann.expect(/of a\r\n\[task terminated: exit\(3\)\]/);
  ann.type('\x05c.');
  await ann.ended;
  await site.host.said('a', /Console logging restored \(logout\)/);
  await site.host.command('restart', 'a');
  await site.host.said('a', /Console down[\s\S]*Console up/);
  const log = site.host
    .log('a')
    .replace(/-- [A-Z][a-z]{2} [^\]]*\]/g, '-- T]')
    .replace(/pid \d+/g, 'pid N');
  const wanted = [
    ...['Console up', 'ann@localhost attached', 'Console logging disabled by ann@localhost'],
    ...['NOTE -- ann@localhost: changed the pump', "break #2 sent -- `\\r~^b'", "break #x sent -- `boot\\r'"],
    ...["task started: pid N -- `echo of a; exit 3'", 'task terminated: pid N: exit(3)', 'ann@localhost detached'],
    ...['Console logging restored (logout)', 'Console down', 'Console up'],
  ];
  assert.deepEqual(
    [...log.matchAll(/^\[-- (.*) -- T\]\r$/gm)].map(([, text]) => text),
    wanted,
  );
  assert.doesNotMatch(log, /secret/);
  assert.doesNotMatch(ann.said.text, /attached --|NOTE|Console up/);
});

test('an init command has the console to itself', options, async (t) => {
  const init = `init = 'read up; echo "hello from {name}"; read answer; cat > /dev/null'`;
  const site = await ConserverHost.start(t, TRUST, `[console.a]\n${SHELL}\n${init}\n`);
  const ann = await site.console('ann', '-A', 'a');
  await ann.expect(/said hello from a\r\n/);
  assert.match((await site.ask('bob', '-E', '-u')).said, / a +init /);
  ann.type('is it mine?\r');
  await ann.expect(/\[initializing -- use/);
  await site.host.event('its start', ({ type, what }) => type === 'note' && what === 'init');
  await site.host.command('restart', 'a');
  await site.host.event('its end', ({ what, reason }) => what === 'init' && reason === 'signal(1)');
});

test('a string for a silent console, with seven bits', options, async (t) => {
  const echo = perl('$| = 1; while (<>) { chomp; print chr(0xe1), "<$_>\\n" }');
  const site = await ConserverHost.start(
    t,
    TRUST,
    `[console.a]\n${echo}\nidle = { after = "1s", send = "wake\\n" }\nstrip_high = true\n`,
  );
  const ann = await site.console('ann', 'a');
  await ann.expect(/\[-- idle timeout --\]\r\n/);
  await ann.expect(/a<wake>\r\n/);
  assert.match((await site.ask('bob', '-E', '-i', 'a')).said, /:striphigh,autoreinit,login::1:wake\\n\r\n$/);
});

test('XON/XOFF of a terminal is switched', options, async (t) => {
  const site = await ConserverHost.start(t, TRUST, 'a = { run = ["/bin/sh", "-i"] }\n');
  const ann = await site.console('ann', 'a');
  await ann.expect(/Enter/);
  ann.type('stty -a | tr " ;" "\\n\\n" | grep -x -e "-*ixon"\r');
  await ann.expect(/[\n ]ixon\r\n/);
  ann.type('\x05cc');
  await ann.expect(/\[ixon OFF\]/);
  ann.type('stty -a | tr " ;" "\\n\\n" | grep -x -e "-*ixon"\r');
  await ann.expect(/[\n ]-ixon\r\n/);
  ann.type('\x05cc');
  await ann.expect(/\[ixon ON\]/);
});

/** A pair of terminals: the device, and what stands for the instrument. */
async function serialLine(t: TestContext): Promise<string> {
  const device = join(temporaryDirectory(t), 'tty');
  const socat = spawn('socat', [`pty,rawer,link=${device}`, 'stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  atEnd(t, async () => {
    socat.kill('SIGKILL');
    await once(socat, 'exit');
  });
  await until('the device', () => existsSync(device));
  return device;
}

test('a serial line has breaks and XON/XOFF', { skip: noConsole || missing('socat') }, async (t) => {
  const site = await ConserverHost.start(t, TRUST, `a = { serial = "${await serialLine(t)}" }\n`);
  await site.host.state('a', 'running');
  const ann = await site.console('ann', 'a');
  await ann.expect(/Enter/);
  ann.type('\x05cl0');
  await ann.expect(/\[halt sent\]\r\n/);
  ann.type('\x05cc');
  await ann.expect(/\[ixon ON\]/);
  ann.type('\x05cc');
  await ann.expect(/\[ixon OFF\]/);
  assert.doesNotMatch(ann.said.text, /break not sent/);
});

test('the output of many consoles in one file, and of some on standard output', options, async (t) => {
  const site = await ConserverHost.start(t, TRUST, `a = { ${SHELL}, unloved = true }\nb = { ${SHELL} }\n`);
  await site.host.server.stdout.expect(/^a: up \d+$/m);
  const all = join(site.host.folder, 'all');
  site.host.dropIn('unified.toml', `[server]\nunified_log = "${all}"\n`);
  assert.match((await site.host.command('reload')).stdout, /\[server\]: unified_log \(takes effect at once\)/);
  const ann = await site.console('ann', 'b');
  await ann.expect(/Enter/);
  ann.type('hello\r');
  await ann.expect(/said hello/);
  await until('the line', () => existsSync(all) && /^b\*: said hello\r$/m.test(readFileSync(all, 'latin1')));
  ann.type('\x05c.');
  await ann.ended;
  const bob = await site.console('bob', 'a');
  await bob.expect(/Enter/);
  bob.type('mine\r');
  await bob.expect(/said mine/);
  bob.type('\x05cs');
  await bob.expect(/\[spying\]/);
  await site.host.command('restart', 'a');
  await site.host.server.stdout.expect(/^a: up \d+$/m);
  assert.doesNotMatch(site.host.server.stdout.text, /mine|hello/);
});
