/** Debian's console(1) on the consoles of a host server, beside `holdfast attach` and telnet. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { ConserverHost, noConsole } from '../harness/conserver-host.ts';
import { freePort } from '../harness/free-port.ts';
import { perl } from '../harness/host.ts';
import { missing } from '../harness/machine.ts';
import { Terminal } from '../harness/terminal.ts';
import { Transcript } from '../harness/transcript.ts';

const TRUST = 'trusted = ["127.0.0.0/8"]\nadmin = ["root"]';
/** Answers every line, and prints when it was started. */
const SHELL = perl('$| = 1; print "up $$\\n"; while (<>) { chomp; print "said $_\\n" }');
const LINES = perl('$| = 1; print "line $_\\n" for 1..50; print "ready\\n"; sleep 1000');
const ME = userInfo().username;
const options = { skip: noConsole };

test('typing, watching, force, bump: console and attach share one keyboard', options, async (t) => {
  const site = await ConserverHost.start(t, TRUST, `vac-01 = { ${SHELL}, description = "be nice" }\n`);
  await site.host.said('vac-01', /up \d+/);
  const ann = await site.console('ann', '-A', 'vac-01');
  await ann.expect(/\[Enter `\^Ec\?' for help\]/);
  await ann.expect(/\[-- MOTD -- be nice\]/);
  await ann.expect(/\[replay\]\r\nup \d+\r\n/);
  ann.type('hello\r');
  await ann.expect(/said hello\r\n/);
  assert.equal((await site.host.client.detail('vac-01')).writer?.user, 'ann');

  const me = await site.attach('vac-01', '--write');
  await me.expect(/refused: ann \(localhost\) has the keyboard/);
  me.type('\x1dT');
  await me.expect(/you have the keyboard/);
  await ann.expect(new RegExp(`\\[forced to \`spy' mode by ${ME}@localhost\\]\r\n`));
  ann.type('lost\r');
  await ann.expect(/\[read-only -- use \^E c \? for help\]/);
  ann.type('\x05ca');
  await ann.expect(new RegExp(`\\[no, ${ME}@localhost is attached\\]`));
  me.type('mine\r');
  await ann.expect(/said mine\r\n/);

  const { said } = await site.ask('bob', '-E', '-u');
  assert.equal(said, ` vac-01                     up   ${ME}@localhost\r\n`);
  const { said: who } = await site.ask('bob', '-E', '-w');
  assert.match(who, / ann@localhost + {2}spy +\d+:\d\d vac-01\r\n/);
  assert.match(who, new RegExp(` ${ME}@localhost +  attach +\\d+:\\d\\d vac-01\r\n`));

  const bob = await site.console('bob', '-f', 'vac-01');
  await bob.expect(new RegExp(`\\[bumped ${ME}@localhost\\]\r\n`));
  await me.expect(/bob \(localhost, conserver\) has the keyboard/);
  bob.type('stolen\r');
  await me.expect(/said stolen\r\n/);
  bob.type('\x05c.');
  await bob.expect(/\[disconnect\]/);
  assert.equal((await bob.ended).code, 0);
  // Ann has waited longest; the attached user has not asked again.
  await ann.expect(/\[attached\]\r\n/);
  ann.type('mine again\r');
  await me.expect(/said mine again\r\n/);
  ann.type('\x05c.');
  await me.expect(/the keyboard is free/);
  assert.equal((await ann.ended).code, 0);
  assert.doesNotMatch(site.host.log('vac-01'), /lost/);
});

test('messages reach every kind of client: console, attach, telnet', {
  skip: noConsole || missing('telnet'),
}, async (t) => {
  const telnetPort = await freePort();
  const site = await ConserverHost.start(
    t,
    TRUST,
    `vac-01 = { ${SHELL}, endpoints = ["${telnetPort}"] }\nrf-01 = { ${SHELL} }\n`,
  );
  const ann = await site.console('ann', 'vac-01');
  await ann.expect(/for help\]/);
  const me = await site.attach('vac-01');
  await me.expect(/live from here/);
  const telnet = await Terminal.run(t, ['telnet', '127.0.0.1', `${telnetPort}`]);
  await telnet.expect(/Welcome to/);
  const { said } = await site.ask('bob', '-E', '-w', 'vac-01');
  assert.match(said, / unknown@127\.0\.0\.1 + {2}attach /);
  assert.deepEqual(await site.ask('bob', '-E', '-b', 'lights off'), { code: 0, said: '', stderr: '' });
  for (const screen of [ann, me, telnet]) {
    await screen.expect(/bob@localhost: lights off/);
  }
  await site.ask('bob', '-E', '-t', `${ME}@vac-01`, 'just you');
  await me.expect(/-- bob@localhost: just you --/);
  ann.type('\x05cball of vac-01\r');
  await me.expect(/-- ann@localhost: all of vac-01 --/);
  await telnet.expect(/\[ann@localhost: all of vac-01\]/);
  ann.type('\x05cnchanged the pump\r');
  await site.host.said('vac-01', /\[-- NOTE -- ann@localhost: changed the pump -- .*\]/);
  await site.host.event('the note', ({ type, text }) => type === 'note' && /changed the pump/.test(text));

  assert.match((await site.ask('bob', '-E', '-d', `${ME}@vac-01`)).said, /unauthorized command/);
  assert.equal((await site.ask('root', '-E', '-d', `${ME}@vac-01`)).said, 'disconnected 1 user\n');
  await me.expect(/ended: Disconnected by admin `root@localhost'/);
  assert.equal((await site.ask('root', '-E', '-d', 'ann')).said, 'disconnected 1 user\n');
  await ann.expect(/\[-- Disconnected by admin `root@localhost' --\]/);
  assert.equal((await ann.ended).code, 0);
});

test('down and up, a break, a console that is held', options, async (t) => {
  const site = await ConserverHost.start(t, TRUST, `vac-01 = { ${SHELL}, stop = [{ signal = "KILL" }] }\n`);
  const first = (await site.host.state('vac-01', 'running')).pid;
  const ann = await site.console('ann', 'vac-01');
  await ann.expect(/for help\]/);
  const bob = await site.console('bob', '-S', 'vac-01');
  await bob.expect(/\[replay\]/);
  ann.type('\x05cd');
  await ann.expect(/\[line down\]/);
  await bob.expect(/\[line down by ann@localhost\]/);
  await site.host.state('vac-01', 'stopped');
  const history = await site.host.event('the stop', ({ to }) => to === 'stopping');
  assert.deepEqual(history.by, { user: 'ann', channel: 'conserver', from: 'localhost', assurance: 'vouched' });
  assert.equal((await site.ask('bob', '-E', '-u')).said, ' vac-01                     down ann@localhost\r\n');
  assert.equal((await site.ask('bob', '-E', '-k', 'vac-01')).code, 69);
  ann.type('x\r');
  await ann.expect(/\[down -- use \^E c \? for help\]/);
  ann.type('\x05co');
  await ann.expect(/\[up\]/);
  const second = await site.host.state('vac-01', 'running');
  assert.notEqual(second.pid, first);
  ann.type('\x05co');
  await ann.expect(/\[connecting\.\.\.up\]/);
  assert.notEqual((await site.host.state('vac-01', 'running')).pid, second.pid);
  // Break 3 is the text `#.`.
  ann.type('\x05cl3');
  await ann.expect(/\[halt sent\]/);
  await bob.expect(/\[break sent by ann@localhost\]/);
  ann.type('\r');
  await ann.expect(/said #\.\r\n/);
  await site.host.command('hold', 'vac-01', '--reason', 'HV card is out');
  await site.host.state('vac-01', 'held');
  ann.type('\x05co');
  await ann.expect(/\[vac-01 is held by \S+: HV card is out: down\]/);
  await site.host.command('release', 'vac-01');
  await site.host.state('vac-01', 'running');
});

test('the server is killed: console connects again, and has the replay of what it missed', options, async (t) => {
  const site = await ConserverHost.start(t, TRUST, `vac-01 = { ${LINES} }\nrf-01 = { ${SHELL} }\n`);
  await site.host.said('vac-01', 'ready');
  const ann = await site.console('ann', 'rf-01');
  await ann.expect(/for help\]/);
  const { pid } = await site.host.state('vac-01', 'running');
  await site.host.kill();
  // A lost TCP connection is the end of the client, as with any conserver.
  await ann.ended;
  await site.host.up();
  assert.equal((await site.host.state('vac-01', 'running')).pid, pid);
  const again = await site.console('ann', '-S', 'vac-01');
  const [shown] = await again.expect(/\[replay\]\r\n.*ready\r\n/s);
  const lines = Array.from({ length: 19 }, (_, index) => `line ${index + 32}\r\n`);
  assert.equal(shown, `[replay]\r\n${lines.join('')}ready\r\n`);
  again.type('\x05cp');
  const [played] = await again.expect(/\[playback\]\r\n.*ready\r\n/s);
  const words = played.split('\r\n').filter((line) => /^line|^ready/.test(line));
  assert.deepEqual(words, [...Array.from({ length: 50 }, (_, index) => `line ${index + 1}`), 'ready']);
});

test('every kind of source; an unknown name; the beginning of a name', {
  skip: noConsole || missing('socat'),
}, async (t) => {
  const [raw, telnetPort] = [await freePort(), await freePort()];
  const site = await ConserverHost.start(
    t,
    TRUST,
    `[defaults]
restart = { holdoff = "100ms" }
[console.proc]
${SHELL}
endpoints = ["unix:proc.sock", "${raw}", "${telnetPort}"]
[console.by-unix]
unix = "proc.sock"
[console.by-telnet]
telnet = "127.0.0.1:${telnetPort}"
[console.by-tcp]
tcp = "127.0.0.1:${raw}"
`,
  );
  for (const name of ['by-unix', 'by-telnet', 'by-tcp']) {
    await site.host.state(name, 'running');
    const ann = await site.console('ann', name);
    await ann.expect(/for help\]/);
    ann.type(`${name}\r`);
    await ann.expect(new RegExp(`said ${name}\r`));
    ann.type('\x05c.');
    assert.equal((await ann.ended).code, 0);
  }
  const { said } = await site.ask('ann', '-E', '-x');
  assert.match(said, new RegExp(` by-telnet +on 127\\.0\\.0\\.1/${telnetPort} +at +Netwk \r\n`));
  assert.match(said, / by-unix +on \/\S+ +at +UDS \r\n/);
  assert.match(said, / proc +on \/dev\/pts\/\d+ +at +Local \r\n/);
  const unknown = await site.ask('ann', '-E', 'nope');
  assert.deepEqual(unknown, { code: 0, said: "127.0.0.1: console `nope' not found\r\n", stderr: '' });
  assert.match((await site.ask('ann', '-E', 'by-')).said, /ambiguous console abbreviation, `by-'\r\n\tchoices are /);
  assert.match((await site.ask('ann', '-E', '-i', 'proc')).said, /^proc:[^:]+:\|:\/usr\/bin\/perl /);
});

test('a break to a terminal server is sent as a telnet break', options, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  atEnd(t, () => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const site = await ConserverHost.start(t, TRUST, `ts-1 = { telnet = "127.0.0.1:${port}" }\n`);
  const [socket] = await accepted;
  const received = new Transcript();
  socket.on('data', (bytes) => received.add(bytes));
  atEnd(t, () => socket.destroy());
  await site.host.state('ts-1', 'running');
  const ann = await site.console('ann', '-A', 'ts-1');
  await ann.expect(/\[replay\]/);
  ann.type('before\x05cl1after');
  await received.expect(/before.*\xff\xf3.*after/s);
});
