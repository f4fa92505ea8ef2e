/** bin/conserver's parts together, with real commands, logs and clients: requests while something else is under way. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { conserverOf, TESTER } from '../harness/conserver-in-process.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';
import { WireClient } from '../interop/wire-client.ts';

const CAT = 'master localhost; type exec; exec "stty -echo; exec cat"; rw *;';
const up = (text: string) => text.match(/\[a\] console up/g)?.length ?? 0;

test('a reload opens what it adds once, and what it changes again, with its users on it', async (t) => {
  const { console, hub, journal, port, reload } = await conserverOf(
    t,
    `console n { master localhost; type noop; rw *; }`,
  );
  await reload(`console a { ${CAT} }`);
  hub.bringUp(TESTER);
  await until('a', () => console('a').state === 'running');
  assert.equal(up(journal()), 1);
  const ann = await WireClient.join(port, 'ann', 'a');
  atEnd(t, () => ann.close());
  ann.send('one\r');
  await ann.expect('one\r\n');
  await reload(`console a { ${CAT} motd hello; }`);
  ann.send('\x05cm');
  await ann.expect('[-- MOTD -- hello]\r\n');
  await reload('console a { master localhost; type exec; exec "echo other; exec cat"; rw *; }');
  await ann.expect('[-- Conserver reconfigured - console reset --]\r\n');
  await ann.expect('other\r\n');
  await reload(`console b { ${CAT} }`);
  await ann.expect('[-- Conserver reconfigured - console has been (re)moved --]\r\n');
  await ann.closed;
  assert.equal(up(journal()), 2);
  assert.match(journal(), /\[a\] login ann@127.0.0.1\n[\s\S]*\[a\] logout ann@127.0.0.1\n/);
});

test('a file with mistakes changes nothing, and all of them are in the log', async (t) => {
  const { console, hub, journal, folder } = await conserverOf(t, `console a { ${CAT} }`);
  await until('a', () => console('a').state === 'running');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(
    join(folder, 'cf'),
    `console a { ${CAT} colour red; }\nconsole b { master localhost; type exec; shape x; }\n`,
  );
  hub.reconfigure(TESTER);
  await until('the verdict', () => journal().includes('the configuration stays as it was'));
  assert.match(journal(), /processing SIGHUP\n.*ERROR: .*colour.* \[.*cf:1\]\n.*ERROR: .*shape.* \[.*cf:2\]\n/);
  assert.equal(console('a').state, 'running');
});

test('a console on demand that is reset is opened again for those who are there, and for nobody else', async (t) => {
  const demand = (log: string) =>
    ['a', 'b'].map((name) => `console ${name} { ${CAT} options ondemand; logfile @D@/${name}${log}; }\n`).join('');
  const { console, port, reload } = await conserverOf(t, demand('1'));
  const ann = await WireClient.join(port, 'ann', 'a');
  assert.deepEqual([console('a').state, console('b').state], ['running', 'stopped']);
  const { pid } = console('a').supervised;
  await reload(demand('2'));
  await until('a again', () => console('a').state === 'running' && console('a').supervised.pid !== pid);
  assert.equal(console('b').state, 'stopped');
  ann.close();
  await until('a is closed', () => console('a').state === 'stopped');
});

test('the end waits for the logs', async (t) => {
  const fifo = join(temporaryDirectory(t), 'log');
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  let text = '';
  const { close, console } = await conserverOf(t, `console a { ${CAT} logfile ${fifo}; exec "seq 20000; exec cat"; }`);
  await until('all of its output', () => console('a').supervised.stream.ring.head > 100_000);
  let down = false;
  const done = close(TESTER).then(() => {
    down = true;
  });
  await until('the end of the command', () => console('a').state === 'stopped');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(down, false, 'the FIFO is full');
  const reader = new Socket({ fd }).setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  atEnd(t, () => reader.destroy());
  await done;
  await until('the last line', () => text.includes('Console down'));
});

test('a client that lost the keyboard during a prompt answers it in vain', async (t) => {
  const slow = 'task s { cmd "exec sleep 1000"; confirm yes; } task f { cmd "echo done"; }';
  const { port } = await conserverOf(t, `console a { ${CAT} } break 5 { string "X\\r"; confirm yes; } ${slow}`);
  const [ann, bob] = [await WireClient.join(port, 'ann', 'a'), await WireClient.join(port, 'bob', 'a')];
  for (const client of [ann, bob]) {
    atEnd(t, () => client.close());
  }
  for (const [question, prompt] of [
    ['l5', /halt confirm.*\[y\/N\] /],
    ['l', 'halt '],
    ['!s', /task confirm.*\[y\/N\] /],
    ['!', 'task '],
    ['\\12', 'quote \\12'],
  ] as const) {
    ann.send('\x05cf');
    await ann.expect(/\[(ok|bumped bob@127.0.0.1)\]\r\n/);
    ann.send(`\x05c${question}`);
    await ann.expect(prompt);
    bob.send('\x05cf');
    await bob.expect('[bumped ann@127.0.0.1]\r\n');
    ann.send(question === 'l' ? '1' : question === '!' ? 'f' : question === '\\12' ? '1' : 'y');
    await ann.expect('aborted]\r\n');
  }
  bob.send('\x05c!?');
  assert.doesNotMatch(await bob.expect(/ s - .*\r\n/), /running/);
  bob.send('only mine\r');
  assert.doesNotMatch(await bob.expect('only mine\r\n'), /X|Q/);
});

test('a task that is confirmed while another one runs is not started', async (t) => {
  const { journal, port } = await conserverOf(t, `console a { ${CAT} } task s { cmd "exec sleep 1000"; confirm yes; }`);
  const [ann, bob] = [await WireClient.join(port, 'ann', 'a'), await WireClient.join(port, 'bob', 'a')];
  ann.send('\x05c!s');
  await ann.expect('[y/N] ');
  bob.send('\x05cf\x05c!sy');
  await bob.expect('started]\r\n');
  bob.send('\x05cs');
  await ann.expect(/\[attached\]\r\n$/);
  ann.send('y');
  await ann.expect('aborted - task running]\r\n');
  await until('the log', () => journal().includes('task started'));
  assert.equal(journal().match(/\[a\] task started: pid \d+/g)?.length, 1);
  ann.close();
  bob.close();
});

test('processes that an initcmd or a task leaves running do not keep the console waiting', async (t) => {
  const daemons: number[] = [];
  atEnd(t, () => {
    for (const pid of daemons) {
      process.kill(pid);
    }
  });
  const pids = join(temporaryDirectory(t), 'pids');
  const begun = () => {
    const all = existsSync(pids) ? (readFileSync(pids, 'latin1').match(/\d+(?=\n)/g) ?? []) : [];
    daemons.push(...all.slice(daemons.length).map(Number));
    return daemons.length;
  };
  // As a daemon does it: out of reach of a signal to the group.
  const daemon = `setsid sh -c 'echo $$ >> ${pids}; exec sleep 1000' & echo begun`;
  const { console, journal, port } = await conserverOf(
    t,
    `console a { ${CAT} initcmd "${daemon}"; } task d { cmd "${daemon}"; }`,
  );
  await until('the initcmd', () => begun() === 1);
  await until('the initcmd is done', () => console('a').state === 'running' && !console('a').supervised.initializing);
  const ann = await WireClient.join(port, 'ann', 'a');
  ann.send('\x05c!d');
  await until('the task', () => begun() === 2);
  await ann.expect('[task terminated: exit(0)]\r\n');
  ann.close();
  assert.match(journal(), /\[a\] initcmd started: pid \d+\n[\s\S]*\[a\] initcmd terminated: pid \d+: exit\(0\)\n/);
});

test('a key that waited for the end of a hung line is carried out, and nothing else is', async (t) => {
  const deaf = 'stty raw -echo; echo deaf; exec sleep 1000';
  const cf = `console a { master localhost; type exec; exec "${deaf}"; rw *; logfile @D@/log; }`;
  const { console, journal, port } = await conserverOf(t, cf);
  const { supervised } = console('a');
  const whenRoom = supervised.whenRoom.bind(supervised);
  const ann = await WireClient.join(port, 'ann', 'a');
  atEnd(t, () => ann.close());
  for (const [key, answer, starts] of [
    ['o', '[up]\r\n', 1],
    ['d', '[line down]\r\n', 2],
  ] as const) {
    // Before that the terminal discards input that does not fit.
    await until('it is deaf', () => supervised.stream.ring.head >= starts * 'deaf\n'.length);
    while (!supervised.full) {
      supervised.write(Buffer.alloc(65_536, 'x'));
    }
    const waits = new Promise<void>((resolve) => {
      supervised.whenRoom = (action) => {
        whenRoom(action);
        resolve();
      };
    });
    ann.send(`\x05c${key}`);
    await waits;
    process.kill(supervised.pid as number);
    await ann.expect(answer);
    await until('it has settled', () => ['running', 'stopped'].includes(supervised.state));
    assert.equal(up(journal()), 2, `after ${key}`);
  }
  assert.equal(supervised.state, 'stopped');
});

test('a client that closes its end after a slow command gets the answer', async (t) => {
  const { console, port } = await conserverOf(t, `console a { ${CAT} }`);
  const ann = await WireClient.join(port, 'ann', 'a');
  ann.send('\x05co');
  ann.socket.end();
  await ann.expect('[up]\r\n');
  await ann.closed;
  await until('she is gone', () => console('a').registry.size === 0);
});

test('a break that cannot be sent is reported to the client and in the log', async (t) => {
  const { console, journal, port } = await conserverOf(t, `console a { ${CAT} breaklist *; }\n`);
  await until('it is up', () => console('a').state === 'running');
  const ann = await WireClient.join(port, 'ann', 'a');
  atEnd(t, () => ann.close());
  ann.send('\x05cl1');
  await ann.expect('[halt sent]\r\n[break not sent: exec consoles have none]\r\n');
  // Breaks made of text are possible on any line.
  ann.send('\x05cl3\x05cv');
  assert.doesNotMatch(await ann.expect(/version .*\]\r\n/), /not sent/);
  ann.send('\x05cd');
  await ann.expect('line down]\r\n');
  ann.send('\x05cl3');
  await ann.expect('[break not sent: the line is down]\r\n');
  await until('the log', () => journal().includes('[a] break #3: the line is down'));
  assert.match(journal(), /\[a\] break #1: exec consoles have none\n/);
});

test('UTF-8 in a conserver.cf, and bytes that are not, reach the system unchanged', async (t) => {
  const bytes = (text: string) => Buffer.from(text).toString('latin1');
  const cf =
    `console ${bytes('ä')} { master localhost; type exec; rw *; exec "printf '${bytes('Kühlung')} caf\xe9 ' | od -An -tx1 | tr -d '\n'; exec cat"; ` +
    `logfile @D@/${bytes('tést')}.log; initcmd "printf '${bytes('ö')}\xe9\n'"; tasklist *; }\n` +
    `task a { cmd "printf '${bytes('ä')}\xe9' | od -An -tx1"; }\n` +
    `console b { master localhost; type exec; exec cat; logfile @D@/caf\xe9.log; }\n`;
  const { console, folder, journal, port } = await conserverOf(t, cf);
  const ann = await WireClient.join(port, 'ann', bytes('ä'));
  atEnd(t, () => ann.close());
  await until('the log', () => {
    const log = readFileSync(join(folder, 'tést.log'), 'latin1');
    return log.includes('4b c3 bc 68 6c 75 6e 67 20 63 61 66 e9 20') && log.includes('\xc3\xb6\xe9');
  });
  assert.ok(
    readdirSync(Buffer.from(folder), 'buffer').some((name) => name.equals(Buffer.from('caf\xe9.log', 'latin1'))),
  );
  assert.match(journal(), new RegExp(`\\[${bytes('ä')}\\] console up\n`));
  await until('the command at its beginning is through', () => !console('ä').supervised.initializing);
  ann.send('\x05c!a');
  await ann.expect(/ c3 a4 e9\r?\n/);
});

test('what keeps a line from opening is in the log once, and it is tried again', async (t) => {
  const { console, folder, journal } = await conserverOf(
    t,
    `console u { master localhost; type uds; uds @D@/nobody; rw *; }
console l { ${CAT} logfile @D@/missing/log; }
console q { master localhost; type exec; exec "exit 0"; rw *; initspinmax 2; initspintimer 60; }
`,
  );
  await until('all three', () => (journal().match(/forcing down\n/g) ?? []).length === 3);
  assert.match(journal(), /ERROR: \[u\] connect\(-?\d+\): No such file or directory: forcing down\n/);
  assert.match(
    journal(),
    new RegExp(`ERROR: \\[l\\] FileOpen\\(${folder}/missing/log\\): No such file or directory: forcing down\n`),
  );
  assert.match(
    journal(),
    /\[q\] exit\(0\)\n.*\[q\] automatic reinitialization\n.*ERROR: \[q\] initialization rate exceeded: forcing down\n/,
  );
  assert.deepEqual(
    ['u', 'l', 'q'].map((name) => console(name).state),
    ['waiting', 'waiting', 'crash-looping'],
  );
});
