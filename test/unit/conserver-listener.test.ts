/** Conserver server pieces that need no hub: access, passwords, names, line mode, tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Passwords } from '../../src/access/passwords.ts';
import { parseConserverCf } from '../../src/grammar/conserver/cf.ts';
import { listenerOfCf } from '../../src/grammar/conserver/listener.ts';
import { parseConserverPasswd } from '../../src/grammar/conserver/passwd.ts';
import { AccessRules } from '../../src/listeners/conserver/model/access.ts';
import type { HubConsole, HubUser } from '../../src/listeners/conserver/model/ports.ts';
import { examineRow, groupRows, hostsRow, infoRow, showIdle } from '../../src/listeners/conserver/model/rows.ts';
import { LineSession } from '../../src/listeners/conserver/wire/line-session.ts';
import { MASTER_COMMANDS, type MasterContext } from '../../src/listeners/conserver/wire/master-commands.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { openTo } from '../fakes/open-door.ts';
import { guest } from '../fakes/principals.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

const NOW = 1_000_000_000_000;
const environment = {
  isThisHost: () => false,
  servicePort: () => undefined,
  hasUser: () => true,
  hasGroup: () => true,
};
const parse = (text: string) => parseConserverCf('t', text, () => ({ error: 'none' }), environment);
const inGroup = (user: string, group: string) => user === 'sys' && group === 'wheel';

function rules(text: string) {
  return new AccessRules(
    listenerOfCf(parse(text), (name) => name === 'me'),
    inGroup,
  );
}

test('the first pattern of a host list decides; networks, exact addresses, names', () => {
  const access = rules(`access * { rejected 10.0.0.1; allowed 10.0.0.0; trusted 10.5.6.7/8 192.168.1.0, ioc; }
access other { trusted 172.16.0.0; }
access me { trusted 172.17.0.0; }`);
  const host = (address: string, name?: string) => access.host({ address, ...(name && { name }) });
  assert.equal(host('10.0.0.1'), 'rejected');
  assert.equal(host('10.200.0.1'), 'allowed', 'class A');
  assert.equal(host('::ffff:10.200.0.1'), 'allowed');
  assert.equal(host('192.168.1.77'), 'trusted', 'class C');
  assert.equal(host('192.168.2.77'), 'rejected');
  assert.equal(host('172.16.3.3'), 'rejected', 'a block for another host');
  assert.equal(host('172.17.3.3'), 'trusted', 'a block for us');
  assert.equal(host('1.2.3.4', 'ioc-7.example'), 'trusted', 'part of the name');
  assert.equal(host('1.2.3.4', 'IOC-7.example'), 'rejected', 'as it is written');
  assert.equal(
    rules('access * { trusted 10.5.6.7/8; }').host({ address: '10.1.1.1' }),
    'rejected',
    'host bits set: exact',
  );
  fc.assert(fc.property(fc.string(), fc.string(), (address, name) => void access.host({ address, name })));
});

test('rights: rw before ro, the name before *, groups of the system', () => {
  const { consoles } = parse('console a { master m; type exec; rw *, !bob, @wheel, !sysless; ro bob; }');
  const access = rules('access * { admin root @wheel; limited guest; }');
  const rights = (user: string) => access.rights(user, consoles[0] ?? { rw: [], ro: [] });
  assert.deepEqual(['ann', 'bob', 'sys', 'sysless'].map(rights), ['write', 'read', 'write', 'none']);
  assert.equal(access.rights('ann', { rw: [], ro: [] }), 'none');
  assert.deepEqual(
    ['root', 'sys', 'ann'].map((user) => access.isAdmin(user)),
    [true, true, false],
  );
  assert.equal(access.isLimited('guest'), true);
});

test('rights: of several entries for a user the last one counts', () => {
  const allowed = (rw: string) => {
    const { consoles } = parse(`console a { master m; type exec; ${rw} }`);
    return rules('').rights('sys', consoles[0] ?? { rw: [], ro: [] }) === 'write';
  };
  assert.deepEqual(
    ['rw sys, !@wheel;', 'rw @wheel, !sys;', 'rw !@wheel, sys;', 'rw !sys; rw @wheel;', 'rw sys, !@wheel, sys;'].map(
      allowed,
    ),
    [false, false, true, true, true],
  );
});

test('passwords: empty field, crypt, system, unknown user, no file', async () => {
  const file = parseConserverPasswd('p', 'free:\nsys:*passwd*\nann:H\n');
  const crypt = async (password: string, hash: string) => password === 'good' && hash === 'H';
  const system = async (_: string, password: string) => password === 'good';
  const clock = new FakeClock();
  const passwords = new Passwords(clock, () => file, crypt, system);
  const accepts = async (user: string, password: string): Promise<boolean> => {
    const accepted = passwords.accepts(user, password);
    await new Promise((resolve) => setImmediate(resolve));
    // A refusal of the system is late.
    clock.advance(1000);
    return await accepted;
  };
  const cases = [
    ...([
      ['free', '', true],
      ['free', 'x', false],
      ['ann', 'good', true],
      ['ann', 'bad', false],
    ] as const),
    ...([
      ['sys', 'good', true],
      ['sys', '', false],
      ['zed', '', false],
      ['zed', 'good', false],
    ] as const),
  ];
  for (const [user, password, expected] of cases) {
    assert.equal(await accepts(user, password), expected, `${user} ${password}`);
  }
  assert.equal(await new Passwords(new FakeClock(), () => undefined, crypt, system).accepts('zed', 'good'), true);
});

test('checking a user who is not in the file takes as long as one who is', async () => {
  const hashes = ['$6$a$x', '$6$b$x', '$6$c$x'];
  const file = parseConserverPasswd(
    'p',
    `free:\nlocked:!$6$d$x\n${hashes.map((hash, n) => `u${n}:${hash}\n`).join('')}`,
  );
  const asked: string[] = [];
  const crypt = async (_: string, hash: string) => asked.push(hash) > 0;
  const passwords = new Passwords(
    new FakeClock(),
    () => file,
    crypt,
    async () => true,
  );
  const costOf = async (user: string): Promise<string[]> => {
    asked.length = 0;
    assert.equal(await passwords.accepts(user, 'guess'), /^u\d$/.test(user), user);
    return asked.filter((hash) => !hash.startsWith('!'));
  };
  assert.deepEqual(await costOf('u1'), ['$6$b$x']);
  const strangers = Array.from({ length: 30 }, (_, n) => `stranger${n}`);
  const costs = new Set<string>();
  for (const user of ['locked-too', ...strangers]) {
    const cost = await costOf(user);
    assert.equal(cost.length, 1, user);
    assert.deepEqual(await costOf(user), cost, 'the same each time');
    costs.add(cost[0] as string);
  }
  assert.deepEqual([...costs].sort(), hashes, 'as those of the file do');
  asked.length = 0;
  await new Passwords(
    new FakeClock(),
    () => file,
    async (_, hash) => asked.push(hash) < 0,
    async () => true,
  ).accepts('locked', 'guess');
  assert.equal(asked.filter((hash) => hashes.includes(hash)).length, 1, 'one that is locked');
});

test('users that the file leaves to the system are refused at a full second, as are users that are not in the file', async () => {
  const clock = new FakeClock();
  const file = parseConserverPasswd('p', 'sys:*passwd*\n');
  const asked: string[] = [];
  const passwords = new Passwords(
    clock,
    () => file,
    async () => false,
    async (user) => asked.push(user) === 2,
  );
  for (const user of ['sys', 'zed']) {
    let answer: boolean | undefined;
    const done = passwords.accepts(user, 'guess').then((accepted) => {
      answer = accepted;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(answer, undefined, user);
    clock.advance(1000);
    await done;
    assert.equal(answer, false, user);
  }
  assert.deepEqual(asked, ['sys', '*nobody*']);
});

interface Started {
  readonly session: LineSession<MasterContext>;
  readonly sent: string[];
  readonly done: string[];
}

function master(access: 'rejected' | 'allowed' | 'trusted', tls: 'none' | 'required' = 'none'): Started {
  const sent: string[] = [];
  const done: string[] = [];
  let encrypted = false;
  const hub = {
    bringUp: async () => void done.push('up'),
    reopenLogs: async () => void done.push('logs'),
    reconfigure: async () => void done.push('reconfigure'),
    terminate: async () => void done.push('quit'),
  };
  const entries = [
    { name: 'alpha', aliases: ['al'], port: 7 },
    { name: 'alpine', aliases: [], port: 7 },
    { name: 'far', aliases: [], master: 'other' },
  ];
  const lookup = { autocomplete: true, redirect: true };
  const context = {
    hub,
    acting: openTo(guest('root')),
    entries: () => entries,
    groupPorts: () => [7, 8],
    localAddress: '1.2.3.4',
    lookup,
    pid: 99,
  };
  const session = new LineSession<MasterContext>(
    {
      reader: 'master',
      commands: MASTER_COMMANDS,
      access,
      serverName: 'srv',
      tls,
      accepts: async (_, password) => password === 'good',
      attempt: () => 0,
      arrives: () => Promise.resolve(),
      isAdmin: (user) => user === 'root',
      onAdmin: (user, word, argument) => done.push(`${user} ${word} ${argument}`.trim()),
      context: async () => context,
      onLogin: (user, accepted) => done.push(`${user} ${accepted}`),
      turnedAway: (user, why) => done.push(`${user} turned away: ${why}`),
    },
    {
      send: (text) => sent.push(text),
      close: () => done.push('closed'),
      tlsTurn: async () => undefined,
      startTls: () => {
        encrypted = true;
      },
      encrypted: () => encrypted,
    },
  );
  return { session, sent, done };
}

async function ask({ session, sent }: Started, line: string): Promise<string> {
  const before = sent.length;
  await session.feed(`${line}\r\n`);
  return sent.slice(before).join('');
}

test('line mode before login', async () => {
  const refused = master('rejected');
  const turnedAway = 'undefined turned away: the host is rejected';
  assert.deepEqual([refused.sent, refused.done], [['access from your host refused\r\n'], [turnedAway, 'closed']]);
  const it = master('allowed', 'required');
  assert.deepEqual(it.sent, ['ok\r\n']);
  assert.match(await ask(it, 'help'), /^exit .*\r\nhelp .*\r\nlogin .*\r\nssl .*\r\n$/);
  for (const line of ['', 'pid', 'call alpha', 'bogus']) {
    assert.equal(await ask(it, line), 'unknown command\r\n', line);
  }
  assert.equal(await ask(it, 'login'), 'login requires argument\r\n');
  assert.equal(await ask(it, 'login joe'), 'encryption required\r\n');
  assert.equal(await ask(it, 'ssl'), 'ok\r\n');
  assert.equal(await ask(it, 'login joe'), 'passwd? srv\r\n');
  assert.equal(await ask(it, 'bad'), 'invalid password\r\n');
  assert.deepEqual(it.done, ['joe turned away: invalid password', 'joe false', 'closed']);
  assert.equal(await ask(it, 'help'), '', 'nothing after the end');
});

test('master commands', async () => {
  const it = master('trusted');
  assert.equal(await ask(it, 'login joe'), 'ok\r\n');
  const answers = {
    'call AL': '7\r\n',
    'call:far': '@other\r\n',
    'call alp': "ambiguous console abbreviation, `alp'\r\n\tchoices are alpha, alpine\r\n",
    'call zz': "console `zz' not found\r\n",
    call: 'call requires argument\r\n',
    groups: '7:8\r\n',
    master: '@1.2.3.4:@other\r\n',
    pid: '99\r\n',
    version: "version `conserver.com version 8.2.7'\r\n",
    login: 'unknown command\r\n',
    hosts: 'unknown command\r\n',
    quit: 'unauthorized command\r\n',
  };
  for (const [line, answer] of Object.entries(answers)) {
    assert.equal(await ask(it, line), answer, line);
  }
  const help = await ask(it, 'help');
  for (const word of [
    'call',
    'exit',
    'groups',
    'help',
    'master',
    'newlogs\\*',
    'pid',
    'quit\\*',
    'reconfig\\*',
    'restart\\*',
    'up\\*',
    'version',
  ]) {
    assert.match(help, new RegExp(`^${word} +\\S`, 'm'), word);
  }
  assert.equal(await ask(it, 'exit'), 'goodbye\r\n');
  const admin = master('trusted');
  await ask(admin, 'login root');
  assert.equal(await ask(admin, 'up'), 'ok -- bringing up consoles\r\n');
  assert.equal(await ask(admin, 'quit'), 'ok -- terminated\r\n');
  assert.deepEqual(admin.done, ['root true', 'root up', 'up', 'root quit', 'quit', 'closed']);
});

test('no line ends a session by an exception', async () => {
  const telling = fc.constantFrom(
    'help',
    'login x',
    'ssl',
    '',
    'call',
    'call a',
    'call:',
    'quit',
    'up',
    'good',
    'exit',
    'pid x',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(telling, fc.string({ unit: ANY_CHARACTER })), { maxLength: 12 }),
      async (lines) => {
        const it = master('allowed');
        await Promise.all(lines.map((line) => it.session.feed(line)));
        assert.ok(it.sent.every((text) => text.endsWith('\r\n')));
      },
    ),
  );
});

function user(id: number, name: string, mode: HubUser['mode'], idle: number): HubUser {
  const base = { id, user: name, host: 'h', mode, since: NOW, lastInput: NOW - idle * 1000 };
  return { ...base, wantsToWrite: true, mayWrite: true };
}

function consoleOf(cf: string, users: readonly HubUser[]): HubConsole {
  const record = parse(cf).consoles[0];
  assert.ok(record !== undefined);
  const line = { pid: 5, tty: '/dev/pts/3', fd: 6, logFd: 7, logging: true, autoUp: false, readOnly: false };
  return { record, state: 'up', line, users: () => users };
}

test('the rows of the tables, column by column', () => {
  const users = [user(1, 'bob', 'read', 0), user(2, 'ann', 'write', 3700), user(3, 'cid', 'suspended', 90_000)];
  const cf = 'console alpha { master m; type exec; exec cat; aliases al first; logfile /l/&; timestamp 1hab; rw *; }';
  const entry = consoleOf(cf, users);
  assert.equal(hostsRow(entry, 2), ' alpha                    * up   ann@h');
  assert.equal(hostsRow(consoleOf(cf, []), undefined), ' alpha                      up   <none>');
  assert.equal(hostsRow(consoleOf(cf, users.slice(0, 1)), 9), ' alpha                      up   <spies>');
  assert.equal(examineRow(entry), ' alpha                    on /dev/pts/3                       at   Local ');
  assert.deepEqual(groupRows(entry, 1, NOW), [
    ' cid@h                              stopped  1 day alpha',
    ' ann@h                              attach    1:01 alpha',
    ' bob@h                            * spy       0:00 alpha',
  ]);
  assert.equal(
    infoRow(entry, { hostname: 'here', pid: 1, port: 2 }, NOW),
    'alpha:here,1,2:|:cat,5,/dev/pts/3,6:w@ann@h@3700,r@bob@h@0@rw,s@cid@h@90000@rw:up:rw:/l/alpha,log,act,brk,notask,3600,7:1:noautoup:first,al:ixon,autoreinit,login::0:\\n',
  );
  assert.deepEqual([59, 86_399, 172_800, 1_036_800].map(showIdle), ['  0:00', ' 23:59', '2 days', '12days']);
});
