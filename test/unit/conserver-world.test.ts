/** Consoles of a conserver.cf, with real commands, logs and clients: requests while something else is under way. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Passwords } from '../../src/access/passwords.ts';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import type { WorldConfig } from '../../src/listeners/conserver/model/world-config.ts';
import type { ServedConsole } from '../../src/listeners/conserver/served/console.ts';
import { ConsoleWorld } from '../../src/listeners/conserver/served/world.ts';
import { ConserverServer } from '../../src/listeners/conserver/wire/server.ts';
import { ConserverJournal } from '../../src/main/conserver-journal.ts';
import { openSource } from '../../src/main/conserver-sources.ts';
import { DiskFiles } from '../../src/platform/files/disk-files.ts';
import { runShell } from '../../src/platform/process/shell-command.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { newcomer } from '../fakes/newcomer.ts';
import { guest } from '../fakes/principals.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';
import { WireClient } from '../interop/wire-client.ts';

const ENVIRONMENT = { isThisHost: () => true, servicePort: () => undefined, hasUser: () => true, hasGroup: () => true };

function configOf(cf: string): WorldConfig {
  const { consoles, breaks, tasks, access, faults } = parseConserverCf('cf', cf, () => ({ error: '' }), ENVIRONMENT);
  assert.deepEqual(faults, []);
  return {
    ...{ consoles, remotes: [], breaks, tasks, access, isThisHost: () => true, defaultAccess: 'trusted' },
    ...{ autocomplete: true, redirect: false, hostNames: false },
  };
}

/** A world of these consoles; `opening` is called for every line that is about to be opened. */
function worldOf(t: TestContext, cf: string, opening: (name: string) => void = () => undefined) {
  const opened: string[] = [];
  const world = new ConsoleWorld(configOf(cf), {
    openSource: (record, handlers) => {
      opened.push(record.name);
      const source = openSource(record, handlers);
      opening(record.name);
      return source;
    },
    openLog: new ConserverJournal().open,
    disk: new DiskFiles(clock),
    startCommand: ({ cmd, input }, _record, { output, ended }) => runShell({ cmd, input }, output, ended),
    clock,
    ...{ say: () => undefined, complain: () => undefined, inform: () => undefined, unified: () => undefined },
  });
  atEnd(t, () => world.shutDown());
  return { world, opened };
}

/** The ports of a world on loopback; the one that carries the consoles. */
async function serve(t: TestContext, world: ConsoleWorld): Promise<number> {
  const nothing = (): void => undefined;
  const server = new ConserverServer({
    admits: () => true,
    ...{
      world,
      memberships: { has: () => false, learn: () => Promise.resolve() },
      hostname: 'here',
      say: nothing,
      inform: nothing,
      clock,
    },
    hub: { bringUp: nothing, reopenLogs: nothing, reconfigure: nothing, terminate: nothing },
    passwords: new Passwords(
      clock,
      () => ({ entries: [], faults: [] }),
      async () => false,
      async () => false,
    ),
  });
  await server.listen('127.0.0.1', 0, 0);
  atEnd(t, () => server.close(''));
  return server.groupPort;
}

async function loggedIn(port: number): Promise<WireClient> {
  const client = await WireClient.open(port);
  await client.expect('ok\r\n');
  await client.ask('login ann', 'ok\r\n');
  return client;
}

const NONE = 'console none { master here; type noop; }';
const CAT = 'master here; type exec; exec "stty -echo; exec cat"; rw *;';

test('a line that is being opened is not opened a second time', async (t) => {
  const { world, opened } = worldOf(t, NONE);
  // As a reload does it.
  world.apply(configOf(`console a { ${CAT} }`), () => 'write');
  world.bringUp();
  const [a] = world.consoles as [ServedConsole];
  assert.equal(await a.open(), 'up');
  assert.deepEqual(opened, ['a']);
});

test('a console on demand that one client leaves while another one waits for it stays up', async (t) => {
  const { world, opened } = worldOf(t, `console a { ${CAT} options ondemand; }`);
  const [a] = world.consoles as [ServedConsole];
  const come = () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = a.enter(newcomer(guest('bob', 'h'), { entered: () => resolve(), refused: reject }));
    return { leave, entered: promise };
  };
  const [goes, stays] = [come(), come()];
  await goes.entered;
  goes.leave();
  await stays.entered;
  assert.equal(a.state, 'up');
  assert.deepEqual(opened, ['a']);
  stays.leave();
  assert.equal(a.state, 'down');
});

test('a console that is removed while it is opened for a client is not joined', async (t) => {
  const cf = `console a { ${CAT} options ondemand; } console b { ${CAT} options ondemand; }`;
  const less = `console a { ${CAT} options ondemand; rw !ann; ro ann; }`;
  const { world } = worldOf(t, cf, (name) => name !== '' && world.apply(configOf(less), rights));
  const rights = (user: string) => (user === 'ann' ? 'read' : 'write');
  const port = await serve(t, world);
  const removed = await loggedIn(port);
  await removed.ask('call b', 'b: no such console\r\n');
  await removed.closed;
  const changed = await loggedIn(port);
  await changed.ask('call a', '[spy]\r\n');
  changed.close();
});

test('a console on demand that is reset while a client waits for it is opened again', async (t) => {
  const logfile = join(temporaryDirectory(t), 'log');
  const after = configOf(`console a { ${CAT} options ondemand; logfile ${logfile}; }`);
  const { world, opened } = worldOf(t, `console a { ${CAT} options ondemand; }`, () => {
    if (opened.length === 1) {
      world.apply(after, () => 'write');
    }
  });
  const client = await loggedIn(await serve(t, world));
  await client.ask('call a', ']\r\n');
  await until('the line', () => world.consoles[0]?.state === 'up');
  assert.deepEqual(opened, ['a', 'a']);
  client.close();
});

test('shutting a console down waits for the end of its log', async (t) => {
  const fifo = join(temporaryDirectory(t), 'log');
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  let text = '';
  const { world } = worldOf(t, `console a { ${CAT} logfile ${fifo}; exec "seq 20000; exec cat"; }`);
  await world.start();
  const [a] = world.consoles as [ServedConsole];
  await until('all of its output', () => a.stream.ring.head > 100_000);
  let down = false;
  const done = world.shutDown().then(() => {
    down = true;
  });
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
  const { world } = worldOf(t, `console a { ${CAT} } break 5 { string "X\\r"; confirm yes; } ${slow}`);
  await world.start();
  const [a] = world.consoles as [ServedConsole];
  const port = await serve(t, world);
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
  assert.equal(a.tasks.pid, undefined);
  bob.send('only mine\r');
  assert.doesNotMatch(await bob.expect('only mine\r\n'), /X|Q/);
});

test('a task that is confirmed while another one runs is not started', async (t) => {
  const { world } = worldOf(t, `console a { ${CAT} } task s { cmd "exec sleep 1000"; confirm yes; }`);
  await world.start();
  const [a] = world.consoles as [ServedConsole];
  const port = await serve(t, world);
  const [ann, bob] = [await WireClient.join(port, 'ann', 'a'), await WireClient.join(port, 'bob', 'a')];
  ann.send('\x05c!s');
  await ann.expect('[y/N] ');
  bob.send('\x05cf\x05c!sy');
  await bob.expect('started]\r\n');
  const { pid } = a.tasks;
  bob.send('\x05cs');
  await ann.expect(/\[attached\]\r\n$/);
  ann.send('y');
  await ann.expect('aborted - task running]\r\n');
  assert.equal(a.tasks.pid, pid);
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
    const all = readFileSync(pids, 'latin1').match(/\d+(?=\n)/g) ?? [];
    daemons.push(...all.slice(daemons.length).map(Number));
    return daemons.length;
  };
  // As a daemon does it: out of reach of a signal to the group.
  const daemon = `setsid sh -c 'echo $$ >> ${pids}; exec sleep 1000' & echo begun`;
  const cf = `console a { ${CAT} initcmd "${daemon}"; } task d { cmd "${daemon}"; }`;
  const { world } = worldOf(t, cf);
  await world.start();
  const [a] = world.consoles as [ServedConsole];
  await until('the initcmd', () => a.state === 'initializing' && existsSync(pids) && begun() === 1);
  await until('the initcmd is done', () => a.state === 'up');
  const ann = await WireClient.join(await serve(t, world), 'ann', 'a');
  ann.send('\x05c!d');
  await until('the task', () => begun() === 2);
  await ann.expect('[task terminated: exit(0)]\r\n');
  ann.close();
  assert.equal(a.tasks.pid, undefined);
});

test('a key that waited for the end of a hung line is carried out, and nothing else is', async (t) => {
  const deaf = 'stty raw -echo; echo deaf; exec sleep 1000';
  const logfile = join(temporaryDirectory(t), 'log');
  const cf = `console a { master here; type exec; exec "${deaf}"; rw *; logfile ${logfile}; }`;
  const { world, opened } = worldOf(t, cf);
  await world.start();
  const [a] = world.consoles as [ServedConsole];
  const whenRoom = a.whenRoom.bind(a);
  const ann = await WireClient.join(await serve(t, world), 'ann', 'a');
  atEnd(t, () => ann.close());
  for (const [key, answer, starts] of [
    ['o', '[up]\r\n', 2],
    ['d', '[ok]\r\n', 2],
  ] as const) {
    // Before that the terminal discards input that does not fit.
    await until('it is deaf', () => a.stream.ring.head >= opened.length * 'deaf\n'.length);
    while (!a.full) {
      a.write(Buffer.alloc(65_536, 'x'));
    }
    const waits = new Promise<void>((resolve) => {
      a.whenRoom = (action) => {
        whenRoom(action);
        resolve();
      };
    });
    ann.send(`\x05c${key}`);
    await waits;
    process.kill(a.line.pid);
    await ann.expect(answer);
    assert.equal(opened.length, starts, `after ${key}`);
    assert.equal(a.line.logFd >= 0, a.state === 'up', 'what is up has its log');
  }
  assert.equal(a.state, 'down');
});

test('a client that closes its end after a slow command gets the answer', async (t) => {
  const logfile = join(temporaryDirectory(t), 'log');
  const { world } = worldOf(t, `console a { ${CAT} logfile ${logfile}; }`);
  await world.start();
  const [a] = world.consoles as [ServedConsole];
  const ann = await WireClient.join(await serve(t, world), 'ann', 'a');
  ann.send('in the log\r');
  await ann.expect('in the log\r\n');
  const replay = a.log.replay.bind(a.log);
  a.log.replay = async (lines) => {
    ann.socket.end();
    await once(ann.socket, 'finish');
    return await replay(lines);
  };
  ann.send('\x05cr');
  await ann.expect(/replay\]\r\n[\s\S]*in the log\r\n/);
  await ann.closed;
  await until('he is gone', () => a.seats.all().length === 0);
});

test('a break that cannot be sent is reported to the client and in the log', async (t) => {
  const { world } = worldOf(t, `console a { ${CAT} breaklist *; }\nconsole down { ${CAT} }\n`);
  await world.start();
  const port = await serve(t, world);
  const ann = await WireClient.join(port, 'ann', 'a');
  ann.send('\x05cl1');
  await ann.expect('[halt sent]\r\n[break not sent: exec consoles have none]\r\n');
  // Breaks made of text are possible on any line.
  ann.send('\x05cl3\x05cv');
  assert.doesNotMatch(await ann.expect(/version .*\]\r\n/), /not sent/);
  ann.send('\x05cd');
  await ann.expect('line down]\r\n');
  ann.send('\x05cl3');
  await ann.expect('[break not sent: the line is down]\r\n');
});

test('UTF-8 in a conserver.cf, and bytes that are not, reach the system unchanged', async (t) => {
  const folder = temporaryDirectory(t);
  const bytes = (text: string) => Buffer.from(text).toString('latin1');
  const cf =
    `console a { master m; type exec; rw *; exec "printf '${bytes('Kühlung')} caf\xe9 ' | od -An -tx1 | tr -d '\n'; exec cat"; ` +
    `logfile ${folder}/${bytes('tést')}.log; initcmd "printf '${bytes('ö')}\xe9\n'"; tasklist *; }\n` +
    `task a { cmd "printf '${bytes('ä')}\xe9' | od -An -tx1"; }\n` +
    `console b { master m; type exec; exec cat; logfile ${folder}/caf\xe9.log; }\n`;
  const { world } = worldOf(t, cf);
  await world.start();
  const ann = await WireClient.join(await serve(t, world), 'ann', 'a');
  await until('the log', () => {
    const log = readFileSync(join(folder, 'tést.log'), 'latin1');
    return log.includes('4b c3 bc 68 6c 75 6e 67 20 63 61 66 e9 20') && log.includes('\xc3\xb6\xe9');
  });
  assert.ok(
    readdirSync(Buffer.from(folder), 'buffer').some((name) => name.equals(Buffer.from('caf\xe9.log', 'latin1'))),
  );
  await until('the command at its beginning is through', () => world.consoles.every(({ state }) => state === 'up'));
  ann.send('\x05c!a');
  await ann.expect(/ c3 a4 e9\r?\n/);
});
