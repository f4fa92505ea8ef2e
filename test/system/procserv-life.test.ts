import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { Client } from '../harness/client.ts';
import { isAlive, temporaryDirectory } from '../harness/machine.ts';
import { PROCSERV, ProcServ, Program, runProcServ } from '../harness/procserv.ts';
import { PtyProgram } from '../harness/pty-program.ts';
import { until } from '../harness/until.ts';

/** Prints something when asked to end, after a moment that only a grace period allows. */
const LAST_WORDS = `trap 'echo saving; sleep 0.3; echo the last words; exit 4' TERM; echo ready; while :; do sleep 0.05; done`;

test('SIGTERM with --killsig TERM: the last words reach log and clients before the notice of death', async (t) => {
  const server = await ProcServ.start(t, ['--killsig', 'TERM', '-L', 'log', 'sh', '-c', LAST_WORDS]);
  const client = await server.attach();
  await client.expect(/ready/);
  const pid = Number(/PID: (\d+)\r\n@@@ procServ/.exec(client.said.text)?.[1]);
  const ended = server.terminate();
  await client.closed;
  // A client that waited for the end of the connection may start the next server.
  assert.deepEqual([existsSync(server.control), existsSync(join(server.directory, 'info'))], [false, false]);
  assert.deepEqual(await ended, { code: 0, signal: null });
  const end =
    /saving\r\nthe last words\r\n\r\n@@@ The server ends: child process \d+ ended with status 4\r\n@@@ Current time: .*\r\n@@@ Child process is shutting down, server will exit\r\n$/;
  assert.match(await client.said.whole(), end);
  assert.match(server.file('log'), end);
  assert.equal(isAlive(pid), false);
});

test('--grace-period ends with SIGKILL for a child that does not end', async (t) => {
  const stubborn = `trap 'echo no' TERM; echo ready; while :; do sleep 0.01; done`;
  const server = await ProcServ.start(t, ['--killsig=TERM', '-g', '0.2', 'sh', '-c', stubborn]);
  const client = await server.attach();
  await client.expect(/ready/);
  const before = performance.now();
  await server.terminate();
  assert.ok(performance.now() - before >= 200);
  await client.expect(/no\r\n.*ended by signal 9\r\n/s);
});

const EXITS = [
  ['exit 0', 0],
  ['exit 7', 7],
  ['kill -SEGV $$', 128 + 11],
  ['kill -KILL $$', 128 + 9],
] as const;

for (const [script, code] of EXITS) {
  test(`--oneshot with a child that does '${script}' ends with ${code}`, async (t) => {
    const directory = temporaryDirectory(t);
    const before = performance.now();
    const words = ['-f', '--oneshot', '-L', 'log', 'unix:control', 'sh', '-c', script];
    assert.equal((await runProcServ(t, words, { cwd: directory })).code, code);
    assert.ok(performance.now() - before < 10_000, 'no holdoff');
    assert.match(readFileSync(join(directory, 'log'), 'utf8'), /oneshot mode: server will exit\r\n$/);
  });
}

test('a program that does not exist is reported, and ends a oneshot server with 255', async (t) => {
  const cwd = temporaryDirectory(t);
  const { code } = await runProcServ(t, ['-f', '-o', '-L', 'log', 'unix:control', '/nonexistent/ioc'], { cwd });
  assert.equal(code, 255);
  const text = `${PROCSERV}: child could not execute: /nonexistent/ioc, No such file or directory\r\n`;
  assert.ok(readFileSync(join(cwd, 'log'), 'utf8').includes(text));
});

test('--restart-limit stops a crash loop, and a key goes on', async (t) => {
  const words = ['--holdoff', '0.01', '--restart-limit', '3/60', '-n', 'ioc', 'sh', '-c', 'exit 1'];
  const server = await ProcServ.start(t, [...words.slice(0, 4), '-L', 'log', ...words.slice(4)]);
  // It may be over before a client is there.
  await until('the limit', () => server.has('log', 'no further restart without a key'));
  assert.equal(server.file('log').match(/The PID of new child/g)?.length, 4);
  const client = await server.attach();
  client.send('\x12');
  await client.expect(
    /auto restart is disabled\r\n@@@ .*\r\n@@@ Child "ioc" was restarted 3 times in 60 s: no further restart without a key\r\n/,
  );
  assert.equal(server.file('log').match(/The PID of new child/g)?.length, 8);
});

test('--backoff delays the restart after each further early death: at least the holdoff, then at least twice as long', async (t) => {
  // Before the first start, so that a busy machine only makes it longer.
  const begun = Date.now() / 1000;
  const server = await ProcServ.start(t, ['--holdoff', '1', '--backoff', '2/60', 'sh', '-c', 'date +%s%N; exit 1']);
  const watcher = await server.attach();
  const times: number[] = [];
  while (times.length < 3) {
    times.push(Number((await watcher.expect(/(\d{19})\r\n/))[1]) / 1e9);
  }
  const [, second, third] = times as [number, number, number];
  assert.ok(second - begun > 0.99, `${second - begun}`);
  assert.ok(third - begun > 2.99, `${third - begun}`);
});

const CYCLES = [
  [[], ['to OFF', 'to ON', 'to OFF', 'to ON']],
  [['--noautorestart'], ['to ON', 'to OFF']],
  [['--oneshot'], ['mode to ON', 'mode to OFF', 'mode to ONESHOT', 'mode to ON']],
] as const;

for (const [words, cycle] of CYCLES) {
  test(`the toggle key of procServ ${words.join(' ')}: ${cycle.join(', ')}`, async (t) => {
    const client = await (await ProcServ.start(t, [...words, 'cat'])).attach();
    for (const step of cycle) {
      client.send('\x14');
      await client.expect(new RegExp(`\r\n@@@ Toggled auto restart ${step}\r\n`));
    }
  });
}

test('--history: marks around the past, without what the server said in it', async (t) => {
  const script = 'for i in 1 2 3 4 5; do echo line $i; done; read again; echo line 6; read more';
  const server = await ProcServ.start(t, ['--history', '3', 'sh', '-c', script]);
  const first = await server.attach();
  await first.expect(/line 5\r\n/);
  first.send('\x14');
  await first.expect(/@@@ Toggled auto restart to OFF\r\n/);
  const second = await server.attach();
  await second.expect(
    /@@@ --- the last 3 lines before you came\r\nline 3\r\nline 4\r\nline 5\r\n(?:\r\n)?@@@ --- from here on live\r\n/,
  );
  assert.doesNotMatch(second.said.text, /Toggled/);
  first.send('\n');
  await second.expect(/line 6\r\n/);
});

test('--history: old terminal queries are not sent to the terminal of today', async (t) => {
  const script = String.raw`printf 'where \033[6n am \033]11;?\a\033[31mI\033[m \005?\n'; read go`;
  const server = await ProcServ.start(t, ['--history', '3', '-L', 'log', 'sh', '-c', script]);
  await until('the question', () => server.has('log', '?\r\n'));
  const client = await server.attach();
  const [, past] = await client.expect(/before you came\r\n(.*)\r\n@@@ --- from here on live\r\n/);
  assert.equal(past, 'where  am \x1b[31mI\x1b[m ?');
});

test('the past is not shown without --history, except in the first half second', async (t) => {
  const words = ['-L', 'log', '-l', 'unix:logger', 'sh', '-c', 'echo past; read go; echo present; read go'];
  const server = await ProcServ.start(t, words, { history: false });
  await until('the past', () => server.has('log', 'past'));
  /** One that is no longer early: the past comes with the greeting. */
  const late = async (path: string): Promise<Client> => {
    for (;;) {
      const client = await Client.connect(path);
      await client.expect(/\xff\xfd"/);
      if (!client.said.text.includes('past')) {
        return client;
      }
      await client.leave();
    }
  };
  const user = await late(server.control);
  const logger = await late(join(server.directory, 'logger'));
  user.send('\n');
  for (const client of [user, logger]) {
    await client.expect(/present\r\n/);
    assert.doesNotMatch(client.said.text, /past|---/);
  }
});

test('daemon mode: pid and info file are there when the caller returns, and the endpoint is open', async (t) => {
  const directory = temporaryDirectory(t);
  const words = ['-p', 'pid', '-I', 'info', '-L', 'log', '-P', 'unix:control', '-P', '127.0.0.1:0', 'cat'];
  const { code, stdout, stderr } = await runProcServ(t, words, { cwd: directory });
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'));
  atEnd(t, async () => {
    process.kill(pid, 'SIGTERM');
    await until('the daemon is gone', () => !isAlive(pid));
    assert.equal(existsSync(join(directory, 'pid')), false);
    assert.equal(existsSync(join(directory, 'control')), false);
  });
  assert.deepEqual(
    { code, stdout, stderr },
    { code: 0, stdout: '', stderr: `${PROCSERV}: spawning daemon process: ${pid}\n` },
  );
  assert.match(
    readFileSync(join(directory, 'info'), 'utf8'),
    new RegExp(`^pid:${pid}\ntcp:127\\.0\\.0\\.1:[1-9]\\d*\nunix:control\n$`),
  );
  const client = await Client.connect(join(directory, 'control'));
  await client.expect(new RegExp(`procServ server PID: ${pid}\r\n`));
  const session = execFileSync('ps', ['-o', 'sid=,ppid=,tty=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  assert.match(session, new RegExp(`^${pid}\\s+\\d+\\s+\\?$`));
});

const SAID_BY_A_DAEMON = [
  [[], '', 'Warning: No log file and no port for log connections specified.\n'],
  [['-l', 'unix:log'], '', 'Warning: No log file specified.\n'],
  [['-q'], '', undefined],
  // A file that could not be opened is not a log, and errors are shown with -q too.
  [
    ['-L', 'no/log'],
    `${PROCSERV}: unable to open log file no/log\n`,
    'Warning: No log file and no port for log connections specified.\n',
  ],
  [['-L', 'no/log', '-q'], `${PROCSERV}: unable to open log file no/log\n`, undefined],
  [['-I', 'no/info', '-L', 'log'], `${PROCSERV}: unable to open info file no/info\n`, ''],
  [['-p', 'no/pid', '-L', 'log'], `${PROCSERV}: unable to open PID file no/pid\n`, ''],
] as const;

for (const [words, complaint, warning] of SAID_BY_A_DAEMON) {
  test(`daemon mode with '${words.join(' ')}' says what is missing`, async (t) => {
    const directory = temporaryDirectory(t);
    const { code, stderr } = await runProcServ(t, [...words, 'unix:control', 'cat'], { cwd: directory });
    const client = await Client.connect(join(directory, 'control'));
    const pid = Number((await client.expect(/procServ server PID: (\d+)\r\n/))[1]);
    process.kill(pid, 'SIGTERM');
    const spawning = warning === undefined ? '' : `${PROCSERV}: spawning daemon process: ${pid}\n${warning}`;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: `${complaint}${spawning}` });
    await until('the daemon is gone', () => !isAlive(pid));
  });
}

test('a daemon keeps nothing of the terminal that it was started from', async (t) => {
  const directory = temporaryDirectory(t);
  const [pidFile, control] = [join(directory, 'pid'), join(directory, 'control')];
  const started = await PtyProgram.start([PROCSERV, '-p', pidFile, '-L', 'no/log', `unix:${control}`, 'cat']);
  assert.equal((await started.ended).code, 0);
  started.close();
  const pid = Number(readFileSync(pidFile, 'utf8'));
  // The daemon serves as soon as its pid file is there; until its child is reported, the start has that child's own
  // terminal open.
  await (await Client.connect(control)).expect(/(?:Child "cat" PID|The PID of new child "cat" is): \d+\r\n/);
  const leadsTo = (fd: number | string) => readlinkSync(`/proc/${pid}/fd/${fd}`);
  assert.deepEqual([0, 1, 2].map(leadsTo), ['/dev/null', '/dev/null', '/dev/null']);
  const terminals = readdirSync(`/proc/${pid}/fd`).filter((fd) => leadsTo(fd).startsWith('/dev/pts'));
  assert.deepEqual(terminals, []);
  process.kill(pid, 'SIGTERM');
  await until('the daemon is gone', () => !isAlive(pid));
});

test('a daemon starts with its standard descriptors closed', async (t) => {
  const directory = temporaryDirectory(t);
  const words = ['-c', 'exec "$0" "$@" <&- >&- 2>&-', PROCSERV, '-p', 'pid', 'unix:control', 'cat'];
  const started = new Program(t, '/bin/sh', words, { cwd: directory });
  assert.equal((await started.exited).code, 0);
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'));
  await (await Client.connect(join(directory, 'control'))).expect(/@@@ Welcome/);
  process.kill(pid, 'SIGTERM');
  await until('the daemon is gone', () => !isAlive(pid));
});

test('a command line that the launcher misreads as daemon or foreground still does what was asked', async (t) => {
  const directory = temporaryDirectory(t);
  const stays = new Program(t, PROCSERV, ['-qf', 'unix:stays', 'cat'], { cwd: directory });
  await until('it listens', () => existsSync(join(directory, 'stays')));
  await (await Client.connect(join(directory, 'stays'))).expect(new RegExp(`procServ server PID: ${stays.pid}\r\n`));
  const words = [PROCSERV, '-q', '-p', 'pid', 'unix:goes', 'tail', '-f', '/dev/null'];
  const goes = new Program(t, '/bin/sh', ['-c', 'ulimit -Sn 777; exec "$0" "$@"', ...words], { cwd: directory });
  assert.equal((await goes.exited).code, 0);
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'));
  const client = await Client.connect(join(directory, 'goes'));
  const [, child] = await client.expect(/(?:Child "tail" PID|The PID of new child "tail" is): (\d+)\r\n/);
  const limits = readFileSync(`/proc/${child}/limits`, 'utf8');
  assert.equal(/Max open files +(\d+)/.exec(limits)?.[1], '777');
  assert.ok(!readFileSync(`/proc/${child}/environ`, 'latin1').includes('HOLDFAST_DAEMON'));
  process.kill(pid, 'SIGTERM');
  await until('the daemon is gone', () => !isAlive(pid));
});

test('a daemon does not wait for a reader of its log', async (t) => {
  const directory = temporaryDirectory(t);
  execFileSync('mkfifo', [join(directory, 'log')]);
  const { code } = await runProcServ(t, ['-p', 'pid', '-L', 'log', 'unix:control', 'cat'], { cwd: directory });
  process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')), 'SIGTERM');
  assert.equal(code, 0);
});

test('the launcher keeps its pid, by path, by symlink and from any directory', async (t) => {
  const directory = temporaryDirectory(t);
  const link = join(directory, 'vacuum-ioc');
  const chain = join(directory, 'again');
  symlinkSync(PROCSERV, link);
  symlinkSync('vacuum-ioc', chain);
  for (const [file, cwd] of [
    [link, '/'],
    [chain, directory],
    ['./again', directory],
    ['bin/procServ', join(PROCSERV, '../..')],
  ] as const) {
    const socket = join(directory, 'control');
    const info = join(directory, 'info');
    const program = new Program(t, file, ['-f', '-I', info, `unix:${socket}`, 'cat'], { cwd });
    const client = await until('it listens', () => existsSync(info)).then(() => Client.connect(socket));
    await client.expect(new RegExp(`procServ server PID: ${program.pid}\r\n`));
    const line = readFileSync(`/proc/${program.pid}/cmdline`, 'latin1');
    // Without permission to move its end, more NULs follow.
    assert.equal(line.replace(/\0+$/, ''), [file, '-f', '-I', info, `unix:${socket}`, 'cat'].join('\0'));
    const name = readFileSync(`/proc/${program.pid}/comm`, 'latin1');
    assert.equal(name, `${basename(file)}\n`, 'killall and pidof find it');
    program.process.kill('SIGTERM');
    await program.exited;
    assert.match(await client.said.whole(), /@@@ Child process is shutting down/);
  }
});

test('a pid file that another server has taken over stays', async (t) => {
  const server = await ProcServ.start(t, ['-p', 'pid', 'cat']);
  assert.equal(server.file('pid'), `${server.pid}\n`);
  writeFileSync(join(server.directory, 'pid'), '1\n');
  await server.terminate();
  assert.equal(server.file('pid'), '1\n');
});

test('the child knows its server by PROCSERV_INFO', async (t) => {
  const server = await ProcServ.start(t, ['-l', 'unix:log', 'sh', '-c', 'echo "<$PROCSERV_INFO>"; read go']);
  const client = await server.attach();
  const [, info] = await client.expect(/<(PID[^>]*)>/);
  assert.equal(info, `PID=${server.pid};LOG=unix:log;CTL=unix:control`);
});

test('a child that closes its terminal and opens it again is heard and obeyed again', async (t) => {
  const script =
    'echo up; exec 0<&- 1>&- 2>&-; while [ ! -e gate ]; do sleep 0.02; done; exec 0</dev/tty 1>/dev/tty; echo back; read word; echo "got $word"; sleep 100';
  const server = await ProcServ.start(t, ['sh', '-c', script]);
  const client = await server.attach();
  await client.expect(/up\r\n/);
  writeFileSync(join(server.directory, 'gate'), '');
  await client.expect(/back\r\n/);
  client.send('hello\n');
  await client.expect(/got hello\r\n/);
});

test('output of a child that opens its terminal between two checks and closes it again is not lost', async (t) => {
  const script = 'exec 0<&- 1>&- 2>&-; echo first >/dev/tty; echo second >/dev/tty; exit 3';
  // A client that connects after the first end sees the second one.
  const words = ['-L', 'log', '--holdoff', '1', 'sh', '-c', script];
  const server = await ProcServ.start(t, words, { endpoint: 'unix:control' });
  const client = await server.attach();
  await client.expect(/first\r\nsecond\r\n(.*\r\n)*.*exit status = 3/);
});

for (const mode of ['-f', '-q']) {
  test(`procServ ${mode}: the child gets the limit of descriptors that its server was given`, async (t) => {
    const cwd = temporaryDirectory(t);
    const words = [mode, '-p', 'pid', 'unix:control', 'sh', '-c', 'read go; echo "soft $(ulimit -Sn)"; read go'];
    const shell = new Program(t, 'sh', ['-c', 'ulimit -Sn 777; exec "$@"', 'sh', PROCSERV, ...words], { cwd });
    await until('it listens', () => existsSync(join(cwd, 'control')) && existsSync(join(cwd, 'pid')));
    const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
    const client = await Client.connect(join(cwd, 'control'));
    await client.expect(/(?:Child "sh" PID|The PID of new child "sh" is): \d+\r\n/);
    client.send('\n');
    await client.expect(/soft 777\r\n/);
    process.kill(pid, 'SIGTERM');
    await shell.exited;
    await until('the server is gone', () => !isAlive(pid));
  });
}

const isDash = realpathSync('/bin/sh').endsWith('dash');
const otherShell = !isDash && 'bash as /bin/sh hands on PWD and SHLVL';

test('the environment of a child of a server without any is only PROCSERV_INFO', { skip: otherShell }, async (t) => {
  const cwd = temporaryDirectory(t);
  const words = ['-i', PROCSERV, '-f', '-o', '-L', 'log', 'unix:control', '/usr/bin/env'];
  const program = new Program(t, 'env', words, { cwd });
  assert.equal((await program.exited).code, 0);
  const names = [...readFileSync(join(cwd, 'log'), 'latin1').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  assert.deepEqual(names, ['PROCSERV_INFO']);
});

test('a server whose directory was removed still serves', async (t) => {
  const directory = temporaryDirectory(t);
  const script = `mkdir gone; cd gone; rmdir ../gone; exec "$0" -f -I ${join(directory, 'info')} unix:${join(directory, 'control')} cat`;
  const program = new Program(t, 'sh', ['-c', script, PROCSERV], { cwd: directory });
  await until('it listens', () => existsSync(join(directory, 'info')));
  const client = await Client.connect(join(directory, 'control'));
  await client.expect(/Server startup directory: \(removed\)\r\n/);
  program.process.kill('SIGTERM');
  assert.equal((await program.exited).code, 0);
});

test('--savelog: every server begins a log, and keeps that of its predecessor; one that is refused touches none', async (t) => {
  const cwd = temporaryDirectory(t);
  const words = ['-f', '-L', 'log', '--savelog', 'unix:control', 'sh', '-c'];
  const logs = () => readdirSync(cwd).filter((name) => /^log(?:_\d{8}_\d{6}(?:_\d+)?)?$/.test(name));
  for (const life of ['one', 'two']) {
    const server = new Program(t, PROCSERV, [...words, `echo life ${life}; read go`], { cwd });
    await until('its log', () => {
      try {
        return readFileSync(join(cwd, 'log'), 'latin1').includes(`life ${life}`);
      } catch {
        // It is not there yet, or that of the predecessor has just got its other name.
        return false;
      }
    });
    assert.notEqual((await runProcServ(t, [...words, 'echo never'], { cwd })).code, 0);
    server.process.kill('SIGTERM');
    await server.exited;
  }
  const texts = logs().map((name) => readFileSync(join(cwd, name), 'latin1').match(/life \w+/g));
  assert.deepEqual(texts, [['life two'], ['life one']]);
  const { stderr } = await runProcServ(t, ['-f', '-o', '-L', '/dev/null', '--savelog', 'unix:control', 'true'], {
    cwd,
  });
  assert.equal(stderr, `${PROCSERV}: cannot save log file /dev/null, it is continued: no regular file\n`);
});
