import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConsoleSummary, EventInfo } from '../../src/model/api.ts';
import { atEnd } from '../harness/at-end.ts';
import { Client } from '../harness/client.ts';
import { HostUnderTest, perl } from '../harness/host.ts';
import { isAlive, temporaryDirectory } from '../harness/machine.ts';
import { ReservedPort } from '../harness/reserved-port.ts';
import { until } from '../harness/until.ts';

const SLEEP = 'run = ["/bin/sleep", "1000"]';

async function allRunning(host: HostUnderTest): Promise<void> {
  await host.consoles('all running', (all) => [...all.values()].every(({ state }) => state === 'running'));
}

test('a reload touches what has changed and nothing else, and its exit code tells scripts', async (t) => {
  const tables = (description: string, argument: string, last: string) => `
[console.same]
${SLEEP}
[console.live]
${SLEEP}
description = "${description}"
endpoints = ["unix:${description}.sock"]
[console.restart]
run = ["/bin/sleep", "${argument}"]
[console.${last}]
${SLEEP}
`;
  const host = await HostUnderTest.start(t, tables('before', '1000', 'goes'));
  await allRunning(host);
  const before = await host.pids();
  assert.equal((await host.command('plan')).code, 0);
  assert.equal((await host.command('reload')).code, 0);

  host.configure(tables('after', '1001', 'comes'));
  const plan = await host.command('plan', '--json');
  assert.equal(plan.code, 2);
  const steps = [
    { action: 'remove', console: 'goes' },
    { action: 'change', console: 'live', keys: ['endpoints', 'description'], effect: 'live' },
    { action: 'change', console: 'restart', keys: ['run'], effect: 'restart' },
    { action: 'add', console: 'comes' },
  ];
  assert.deepEqual(JSON.parse(plan.stdout).steps, steps);
  assert.deepEqual(await host.pids(), before, 'a plan changed something');
  assert.equal((await host.command('reload')).code, 2);
  assert.equal((await host.command('reload')).code, 0);
  await allRunning(host);
  const after = await host.pids();
  assert.deepEqual(Object.keys(after), ['same', 'live', 'restart', 'comes']);
  assert.deepEqual([after.same, after.live, after.restart], [before.same, before.live, before.restart]);
  await until('the removed process to be gone', () => !isAlive(before.goes as number));
  assert.equal((await host.client.detail('live')).description, 'after');
  assert.ok(!existsSync(join(host.runtimeDir, 'before.sock')));
  await (await Client.connect(join(host.runtimeDir, 'after.sock'))).expect(/@@@ Welcome/);
  await host.client.restart('restart');
  await host.consoles('a new process', (all) => (all.get('restart')?.pid ?? before.restart) !== before.restart);
  const { pid } = await host.state('restart', 'running');
  assert.equal(readFileSync(`/proc/${pid}/cmdline`, 'latin1'), '/bin/sleep\x001001\0');
});

test('a reload stops all that is no longer configured at the same time, and releases no hold', async (t) => {
  const stubborn = perl('$SIG{TERM} = sub { print "asked\\n" }; $| = 1; print "up\\n"; sleep 1000 while 1');
  const goes = ['a', 'b', 'c'].map(
    (name) => `[console.${name}]\n${stubborn}\nstop = [{ signal = "TERM" }, { wait = "60s" }]\n`,
  );
  const host = await HostUnderTest.start(
    t,
    `${goes.join('')}[console.plc]\nunix = "x.sock"\n[console.held]\n${SLEEP}\n`,
  );
  await Promise.all(['a', 'b', 'c'].map((name) => host.said(name, 'up')));
  for (const name of ['plc', 'held']) {
    await host.client.hold(name, 'rack work', undefined);
    await host.state(name, 'held');
  }
  const pids = await host.pids();
  host.configure('[console.plc]\nunix = "y.sock"\n');
  assert.match((await host.command('plan')).stdout, /^~ plc: another source: will be stopped and replaced$/m);
  const reload = host.command('reload');
  await Promise.all(['a', 'b', 'c'].map((name) => host.said(name, 'asked')));
  for (const name of ['a', 'b', 'c']) {
    process.kill(pids[name] as number, 'SIGKILL');
  }
  assert.equal((await reload).code, 2);
  assert.equal((await host.state('plc', 'held')).hold?.reason, 'rack work');
  const { holds } = JSON.parse(readFileSync(join(host.stateDir, 'holds.json'), 'utf8'));
  assert.deepEqual(Object.keys(holds), ['plc', 'held'], 'whoever held what is not configured now has not let go');
});

test('nothing is applied from files with mistakes, and all mistakes are named, also on SIGHUP', async (t) => {
  const good = `[console.a]\n${SLEEP}\n`;
  const host = await HostUnderTest.start(t, good);
  await allRunning(host);
  const before = await host.pids();
  host.configure('[console.a]\nrun = 7\n[console.new]\nrunn = "x"\n');
  host.dropIn('10-more.toml', '[console.b]\nrun = "sleep 1"\nrestart = "sometimes"\n');
  for (const verb of ['plan', 'reload']) {
    const { code, stderr, stdout } = await host.command(verb);
    assert.equal(code, 78);
    for (const place of [/holdfast\.toml:\d+: .*run/, /holdfast\.toml:\d+: .*runn/, /10-more\.toml:3: .*restart/]) {
      assert.match(stdout + stderr, place);
    }
  }
  assert.match((await host.command('doctor')).stdout, /^FAILED +configuration: 4 mistakes in/m);
  host.server.process.kill('SIGHUP');
  await host.server.stderr.expect(/10-more\.toml:3: .*restart/);
  assert.deepEqual(await host.pids(), before);
  host.dropIn('10-more.toml', `[console.b]\n${SLEEP}\n`);
  host.configure(good);
  host.server.process.kill('SIGHUP');
  await host.state('b', 'running');
  assert.equal((await host.pids()).a, before.a);
});

test('an endpoint in use by another program is reported, and opened when it is free', async (t) => {
  const table = (endpoints: string) => `[console.a]\n${SLEEP}\nendpoints = [${endpoints}]\n`;
  const host = await HostUnderTest.start(t, table(''));
  const path = join(host.runtimeDir, 'taken.sock');
  const other = createServer().listen(path);
  atEnd(t, () => other.close());
  await once(other, 'listening');
  host.configure(table('"unix:taken.sock"'));
  const reload = await host.command('reload');
  assert.equal(reload.code, 2);
  const trouble = `endpoint unix:${path} is not open, and is tried again: `;
  assert.ok(reload.stderr.startsWith(`a: ${trouble}`), reload.stderr);
  const status = await host.command('status', 'a');
  assert.ok(status.stdout.includes(`unix:${path} (not open: `), status.stdout);
  const doctor = await host.command('doctor');
  assert.ok(doctor.stdout.includes(`FAILED   endpoints: a: ${trouble}`), doctor.stdout);
  assert.equal(doctor.code, 1);
  await host.event('the trouble', ({ console, text }) => console === 'a' && text.startsWith(trouble));
  other.close();
  await host.event('the end of the trouble', ({ text }) => text === `endpoint unix:${path} is open now`);
  await (await Client.connect(path)).expect(/@@@ Welcome/);
  const plan = await host.command('plan', '--json');
  assert.equal(plan.code, 0);
  assert.deepEqual(JSON.parse(plan.stdout).unopened, []);
  const texts = (await host.client.events({ console: 'a', limit: 100 })).map(({ text }) => text);
  assert.equal(texts.filter((text) => text.startsWith(trouble)).length, 1, 'the same trouble was told twice');
});

test('the program that has an endpoint is not connected to at every retry', async (t) => {
  const table = (endpoints: string) => `[console.a]\n${SLEEP}\nendpoints = [${endpoints}]\n`;
  const host = await HostUnderTest.start(t, table(''));
  const path = join(host.runtimeDir, 'taken.sock');
  let calls = 0;
  const other = createServer((socket) => {
    calls++;
    socket.destroy();
  }).listen(path);
  const brief = createServer().listen(0, '127.0.0.1');
  atEnd(t, () => [other, brief].map((server) => server.close()));
  await Promise.all([once(other, 'listening'), once(brief, 'listening')]);
  const port = String((brief.address() as AddressInfo).port);
  host.configure(table(`"unix:taken.sock", "${port}"`));
  await host.client.apply();
  await host.event('the trouble', ({ text }) => text.startsWith(`endpoint ${port} is not open`));
  brief.close();
  await host.event('the next try', ({ text }) => text === `endpoint ${port} is open now`);
  // Handled in order: after this one there is nothing uncounted.
  await once(connect(path), 'close');
  assert.equal(calls, 2, 'the first try, and ours');
});

test('a hold outlives the server and the holder, refuses a start, and ends when it expires', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\n${SLEEP}\n[console.b]\n${SLEEP}\nrestart.holdoff = 0\n`);
  await allRunning(host);
  const { b } = await host.pids();
  await host.client.hold('a', 'vacuum work', undefined);
  await host.state('a', 'held');
  await assert.rejects(host.client.start('a'), { code: 'HF_HELD' });
  assert.equal((await host.command('start', 'a')).code, 75);
  await host.kill();
  await host.up();
  assert.equal((await host.state('a', 'held')).hold?.reason, 'vacuum work');
  assert.equal((await host.pids()).b, b);
  const holder = await host.holder();
  process.kill(holder, 'SIGKILL');
  await host.consoles('b anew', (all) => (all.get('b')?.pid ?? b) !== b);
  assert.equal((await host.state('a', 'held')).hold?.reason, 'vacuum work');
  // As after a power cut.
  const second = await host.holder();
  await host.kill();
  process.kill(second, 'SIGKILL');
  await until('the holder to be gone', () => !isAlive(second));
  await host.up();
  assert.equal((await host.state('a', 'held')).hold?.reason, 'vacuum work');
  await host.client.release('a');
  const { pid } = await host.state('a', 'running');
  await host.client.hold('a', 'a moment', Date.now() + 700);
  const isAnother = (a?: ConsoleSummary) => a?.state === 'running' && a.pid !== pid;
  await host.consoles('a to run again', (all) => isAnother(all.get('a')));
});

test('holds that cannot be read are reported and put aside, and so are folders that cannot be made', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\n${SLEEP}\n`);
  await host.client.hold('a', 'rack work', undefined);
  await host.state('a', 'held');
  assert.equal((await host.command('down', '--all', '--yes')).code, 0);
  await host.exited();
  const holds = join(host.stateDir, 'holds.json');
  writeFileSync(holds, readFileSync(holds, 'utf8').slice(0, -10));
  await host.up();
  await host.event('the trouble', ({ type, text }) => type === 'config' && /holds\.json cannot be read/.test(text));
  assert.match(readFileSync(`${holds}.bad`, 'utf8'), /rack work/);
  assert.equal((await host.command('down', '--all', '--yes')).code, 0);
  await host.exited();
  rmSync(host.logDir, { recursive: true });
  writeFileSync(host.logDir, '');
  const refused = host.launch();
  assert.equal((await refused.exited).code, 78);
  assert.match(await refused.stderr.whole(), /server\.log_dir: \S+ cannot be made: something else has this name/);
});

test('a request to a process that is still stopping is carried out when it has ended', async (t) => {
  const stubborn = perl('$SIG{TERM} = sub { print "asked\\n" }; $| = 1; print "up\\n"; sleep 1000 while 1');
  const stop = 'stop = [{ signal = "TERM" }, { wait = "60s" }]';
  const tables = ['started', 'released', 'expired', 'held'].map((name) => `[console.${name}]\n${stubborn}\n${stop}\n`);
  const host = await HostUnderTest.start(t, tables.join(''));
  await allRunning(host);
  const before = await host.pids();
  await Promise.all(Object.keys(before).map((name) => host.said(name, 'up')));
  await host.client.stop('started');
  await host.client.hold('released', 'x', undefined);
  await host.client.hold('expired', 'x', Date.now() + 2000);
  await host.client.hold('held', 'x', undefined);
  await Promise.all(Object.keys(before).map((name) => host.said(name, 'asked')));
  await host.client.start('started');
  const wait = host.run('start', 'started');
  await host.client.release('released');
  await host.client.stop('held');
  await host.consoles('the hold to expire', (all) => all.get('expired')?.hold === undefined);
  for (const pid of Object.values(before)) {
    process.kill(pid as number, 'SIGKILL');
  }
  await host.state('released', 'running');
  await host.state('expired', 'running');
  assert.equal((await host.state('held', 'held')).hold?.reason, 'x');
  assert.equal((await wait.exited).code, 0);
});

test('a release starts the consoles that were wanted up, and nothing else', async (t) => {
  const host = await HostUnderTest.start(t, `[console.up]\n${SLEEP}\nstart = false\n[console.down]\n${SLEEP}\n`);
  await host.state('down', 'running');
  await host.client.start('up');
  await host.client.stop('down');
  await host.state('up', 'running');
  await host.state('down', 'stopped');
  for (const name of ['up', 'down']) {
    await host.client.hold(name, 'rack work', undefined);
    await host.state(name, 'held');
    await host.client.hold(name, 'more of it', undefined);
  }
  await host.kill();
  await host.up();
  await host.client.release('up');
  await host.client.release('down');
  await host.state('up', 'running');
  assert.equal((await host.client.detail('down')).state, 'stopped');
});

test('a reload leaves settings alone that were switched by key', async (t) => {
  const table = (more: string) => `[console.a]\n${SLEEP}\nendpoints = ["unix:a.sock"]\n${more}`;
  const host = await HostUnderTest.start(t, table(''));
  await host.state('a', 'running');
  const client = await Client.connect(join(host.runtimeDir, 'a.sock'));
  const mode = async () => (await host.client.detail('a')).restartMode;
  client.send('\x14');
  await client.expect(/@@@ Toggled auto restart to OFF/);
  host.configure(table('description = "new"\n'));
  assert.equal((await host.client.apply()).steps.length, 1);
  assert.equal(await mode(), 'never');
  await host.event(
    'who switched it',
    ({ type, text }) => type === 'note' && text === 'restart policy switched to never',
  );
  await host.kill();
  await host.up();
  assert.equal(await mode(), 'never', 'nor does the next server switch it back');
  host.configure(table('restart = "on-failure"\n'));
  assert.equal((await host.client.apply()).steps.length, 1);
  assert.equal(await mode(), 'on-failure');
  await host.kill();
  host.configure(table('restart = "never"\n'));
  await host.up();
  assert.equal(await mode(), 'never', 'what was written meanwhile holds');
});

test('a stop that a dying server had begun is finished by the next one', async (t) => {
  const deaf = perl('$SIG{TERM} = sub { print "term\\n"; }; $| = 1; print "here\\n"; 1 while sleep 1000 or 1');
  const rest = 'stop = [{ signal = "TERM" }, { wait = "1s" }, { signal = "KILL" }]\nrestart.holdoff = 0\n';
  const host = await HostUnderTest.start(t, `[console.slow]\n${deaf}\n${rest}[console.again]\n${deaf}\n${rest}`);
  const { slow, again } = await host.pids();
  for (const name of ['slow', 'again']) {
    await host.said(name, 'here');
    await host.client.stop(name);
    await host.said(name, 'term');
  }
  await host.client.start('again');
  await host.kill();
  await host.up();
  await host.state('slow', 'stopped');
  assert.ok(!isAlive(slow as number));
  await host.consoles('what was to be started again', (all) => (all.get('again')?.pid ?? again) !== again);
});

test('the limit of restarts keeps counting over a death of the server', async (t) => {
  const host = await HostUnderTest.start(
    t,
    `[console.weak]\n${SLEEP}\nrestart = { holdoff = 0, limit = { count = 2, within = "1h" } }\n`,
  );
  await allRunning(host);
  const die = async () => process.kill((await host.pids()).weak as number, 'SIGKILL');
  for (let deaths = 0; deaths < 2; deaths++) {
    const { weak } = await host.pids();
    await die();
    await host.consoles(
      'a new process',
      (all) => all.get('weak')?.state === 'running' && all.get('weak')?.pid !== weak,
    );
  }
  await host.kill();
  await host.up();
  await allRunning(host);
  await die();
  await host.state('weak', 'crash-looping');
});

test('a restart that waited for its turn when the server died keeps its count too', async (t) => {
  const host = await HostUnderTest.start(
    t,
    `
[console.slow]
run = ["/bin/cat"]
endpoints = ["unix:slow.sock"]
ready = { pattern = "go", within = "1h" }
[console.weak]
${SLEEP}
after = ["slow"]
restart = { holdoff = 0, limit = { count = 1, within = "1h" } }
`,
  );
  const go = async () => {
    await host.consoles('its process', (all) => all.get('slow')?.pid !== undefined);
    (await Client.connect(join(host.runtimeDir, 'slow.sock'))).send('go\r');
    await host.state('weak', 'running');
  };
  const die = async () => process.kill((await host.pids()).weak as number, 'SIGKILL');
  await go();
  await host.command('restart', 'slow', '--no-wait');
  await host.state('slow', 'starting');
  await die();
  await host.state('weak', 'starting');
  await host.kill();
  await host.up();
  await go();
  await die();
  await host.state('weak', 'crash-looping');
});

test('down leaves the processes, up finds them again, down --all ends everything', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\nrun = "echo one; exec cat"\n[console.b]\n${SLEEP}\n`);
  await allRunning(host);
  await host.said('a', 'one');
  const before = await host.pids();
  const holder = await host.holder();
  assert.equal((await host.command('down')).code, 0);
  assert.equal((await host.exited()).code, 0);
  for (const pid of Object.values(before)) {
    assert.ok(isAlive(pid as number));
  }
  assert.equal((await host.command('ps')).code, 69);
  await host.up();
  assert.deepEqual(await host.pids(), before);
  assert.equal(await host.holder(), holder);
  assert.equal((await host.command('down', '--all', '--yes')).code, 0);
  for (const pid of Object.values(before)) {
    assert.ok(!isAlive(pid as number), 'a process outlived the command that ends all');
  }
  assert.equal((await host.exited()).code, 0);
  await until('the holder to be gone', () => !isAlive(holder as number));
  assert.ok(!existsSync(join(host.runtimeDir, 'holder')));
  assert.ok(!existsSync(join(host.runtimeDir, 'control')));
  const history = readFileSync(join(host.stateDir, 'events.jsonl'), 'utf8').trim().split('\n');
  const events = history.map((line) => JSON.parse(line) as EventInfo);
  const asked = events.filter(({ to, death, text }) => to === 'stopping' || death || text.startsWith('going down'));
  const { username } = userInfo();
  const who = asked.map(({ by, text }) => `${text.replace(/ended .*/, 'ended')}: ${by?.user}`).sort();
  const each = Object.values(before).flatMap((pid) => [
    `pid ${pid} ended: ${username}`,
    `running -> stopping (stop): ${username}`,
  ]);
  const down = ['going down with holder and children', 'going down; the children go on'].map(
    (text) => `${text}: ${username}`,
  );
  assert.deepEqual(who, [...each, ...down].sort());
});

test('processes start after those they need, at most as many at once as allowed', async (t) => {
  const reserved = await ReservedPort.take(t);
  const host = await HostUnderTest.start(
    t,
    `
[console.last]
${SLEEP}
after = ["pattern", "port"]
[console.pattern]
run = "read x; echo all is well; exec cat"
ready.pattern = "all is well"
[console.port]
${SLEEP}
ready.port = ${reserved.port}
[console.waits]
${SLEEP}
[console.waits-too]
${SLEEP}
`,
    { server: 'start_at_once = 2' },
  );
  await host.state('pattern', 'starting');
  await host.state('port', 'starting');
  assert.equal((await host.client.detail('waits')).pid, undefined);
  // One that was stopped before its turn is stopped, and another gets its turn.
  await host.client.stop('waits');
  await host.state('waits', 'stopped');
  const session = await host.attach('pattern', { lines: 0 }, {}, { write: true });
  session.input(Buffer.from('go\n'));
  await host.state('pattern', 'ready');
  await host.state('waits-too', 'running');
  assert.equal((await host.client.detail('last')).pid, undefined);
  await reserved.listen();
  await host.state('port', 'ready');
  await host.state('last', 'running');
  session.close();
});

test('output of an earlier process does not make a later one ready', async (t) => {
  const life = `$| = 1; my $file = "lives"; my $lives = -s $file; open(my $out, ">>", $file); syswrite $out, "x";
    print "all is well\\n" unless $lives; print "life ", $lives + 1, "\\n"; <STDIN>; print "all is well\\n"; sleep 1000`;
  const folder = temporaryDirectory(t);
  const host = await HostUnderTest.start(
    t,
    `[console.a]\n${perl(life)}\nchdir = "${folder}"\nready.pattern = "all is well"\nrestart.holdoff = 0\n`,
  );
  const first = (await host.state('a', 'ready')).pid as number;
  await host.kill();
  await host.up();
  process.kill(first, 'SIGKILL');
  await host.said('a', /life 2\r\n/);
  let output = '';
  const session = await host.attach(
    'a',
    { lines: 1000 },
    {
      output: (bytes) => {
        output += Buffer.from(bytes).toString();
      },
    },
    { write: true },
  );
  await until('the second life', () => output.includes('life 2\r\n'));
  assert.equal((await host.client.detail('a')).state, 'starting');
  session.input(Buffer.from('go\n'));
  await host.state('a', 'ready');
  session.close();
});

test('a process that was starting when the server was killed is seen ready by the next one', async (t) => {
  const life = perl('$| = 1; $SIG{USR1} = sub { print "all is well\\n" }; print "up\\n"; sleep 1000 while 1');
  const host = await HostUnderTest.start(
    t,
    `[defaults]\nready.pattern = "all is well"\n[console.meanwhile]\n${life}\n[console.later]\n${life}\n`,
  );
  await host.said('meanwhile', 'up');
  await host.said('later', 'up');
  const { meanwhile, later } = await host.pids();
  await host.kill();
  process.kill(meanwhile as number, 'SIGUSR1');
  await host.said('meanwhile', 'all is well');
  await host.up();
  await host.state('meanwhile', 'ready');
  assert.equal((await host.client.detail('later')).state, 'starting');
  process.kill(later as number, 'SIGUSR1');
  await host.state('later', 'ready');
  assert.deepEqual(await host.pids(), { meanwhile, later });
});

test('a changed ready pattern applies to a process that is not ready yet', async (t) => {
  const life = perl('$| = 1; print "all is well\\n"; sleep 1000');
  const a = `[console.a]\n${life}\n`;
  const b = `[console.b]\n${life}\n`;
  const host = await HostUnderTest.start(t, `${a}ready.pattern = "all is wel1"\n${b}ready.pattern = "never"\n`);
  await host.said('a', 'all is well');
  await host.state('b', 'starting');
  host.configure(`${a}ready.pattern = "all is well"\n${b}`);
  await host.client.apply();
  await host.state('a', 'ready');
  await host.state('b', 'running');
});

test('a ready pattern that would take forever is given up, and everything else goes on', async (t) => {
  const says = perl('$| = 1; print "a" x 60, "!\\n"; sleep 1000');
  const host = await HostUnderTest.start(
    t,
    `
[template.bad]
${says}
ready = { pattern = '^(a+)+$', within = "2s" }
[console.bad]
template = "bad"
[console.too]
template = "bad"
[console.good]
run = "echo all is well; exec cat"
ready.pattern = '^all\\s+is'
`,
  );
  for (const name of ['bad', 'too']) {
    const { text } = await host.event(`${name} told`, ({ console, type }) => console === name && type === 'config');
    assert.match(
      text,
      /^ready\.pattern "\^\(a\+\)\+\$" took more than 0\.5 s .*: write repetitions within repetitions/,
    );
    const overdue = 'starting -> running (overdue)';
    await host.event(`${name} overdue`, (event) => event.console === name && event.text === overdue);
  }
  await host.state('good', 'ready');
  const told = (await host.client.events({ limit: 1000 })).filter(({ type }) => type === 'config');
  assert.equal(told.length, 2, 'each is told of once');
});

test('a stop recipe goes step by step until the process has ended', async (t) => {
  const host = await HostUnderTest.start(
    t,
    `
[console.polite]
${perl('$| = 1; print "up\\n"; while (<STDIN>) { exit 3 if /^exit/ }')}
stop = [{ send = "exit\\n" }, { wait = "20s" }]
[console.signalled]
${perl('$SIG{INT} = sub { print "int\\n"; exit 4 }; $| = 1; print "up\\n"; sleep 1000')}
stop = [{ send = "exit\\n" }, { wait = "100ms" }, { signal = "INT" }, { wait = "20s" }]
[console.stubborn]
${perl('$SIG{$_} = "IGNORE" for "TERM", "INT", "HUP"; $| = 1; print "up\\n"; 1 while sleep 1000 or 1')}
stop = [{ signal = "TERM" }, { wait = "100ms" }, { signal = "INT" }, { wait = "100ms" }]
`,
  );
  for (const name of ['polite', 'signalled', 'stubborn']) {
    await host.said(name, 'up\r\n');
    await host.client.stop(name);
  }
  const ends = { polite: [3, null], signalled: [4, null], stubborn: [null, 'SIGKILL'] };
  for (const [name, [code, signal]] of Object.entries(ends)) {
    await host.state(name, 'stopped');
    const [death] = (await host.client.detail(name)).deaths;
    assert.deepEqual([death?.code, death?.signal], [code, signal], name);
  }
});

test('the lines about a start come before the first output of its process, however quick it is', async (t) => {
  const names = Array.from({ length: 20 }, (_, i) => `quick-${i}`);
  const quick =
    'run = ["/bin/dd", "if=/dev/zero", "of=/dev/stdout", "bs=64k", "count=1", "status=none"]\nrestart = "never"';
  const host = await HostUnderTest.start(t, names.map((name) => `[console.${name}]\n${quick}`).join('\n'));
  for (const name of names) {
    await host.said(name, '@@@ Received a sigChild');
    const start = new RegExp(
      `^@@@ Restarting child "${name}"\r\n@@@ {4}\\(as /bin/dd\\)\r\n@@@ The PID of new child "${name}" is: \\d+\r\n(@@@ ){4}@@@\r\n\\0`,
    );
    assert.match(host.log(name), start);
    assert.equal(host.log(name).split('@@@ Restarting').length, 2, 'said once');
  }
});
