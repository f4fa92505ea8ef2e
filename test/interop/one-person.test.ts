// One person, four ways in: the history has one name for her, and says how that is known.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EventInfo } from '../../src/model/api.ts';
import { atEnd } from '../harness/at-end.ts';
import { ConserverHost, noConsole } from '../harness/conserver-host.ts';
import { freePort } from '../harness/free-port.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';

const ME = userInfo().username;

test('one person has one name in the history, whichever way in is used', {
  skip: noConsole || missing('openssl'),
}, async (t) => {
  const passwords = join(temporaryDirectory(t), 'passwd');
  const hash = execFileSync('openssl', ['passwd', '-6', 'secret'], { encoding: 'utf8' }).trim();
  writeFileSync(passwords, `${ME}:${hash}\n`);
  const tcp = await freePort();
  const site = await ConserverHost.start(
    t,
    `password_file = ${JSON.stringify(passwords)}`,
    `a = { run = ["/bin/cat"], endpoints = ["unix:a.sock", "127.0.0.1:${tcp}"], restart.holdoff = "1s" }\n`,
  );
  const { host } = site;
  await host.state('a', 'running');
  const by = (what: string, wanted: (event: EventInfo) => boolean) =>
    host.event(what, wanted).then((event) => event.by);

  const attached = await site.attach('a', '--write');
  await attached.expect(/you have the keyboard/);
  const { pid, ...atTheSocket } =
    (await by('a writer', ({ type, by: who }) => type === 'writer' && who !== undefined)) ?? {};
  assert.deepEqual(atTheSocket, {
    user: ME,
    channel: 'api',
    from: 'localhost',
    assurance: 'kernel',
    uid: process.geteuid?.(),
  });
  assert.equal(typeof pid, 'number');
  attached.type('\x1dd');
  await attached.ended;

  const unix = connect(join(host.runtimeDir, 'a.sock'));
  atEnd(t, () => unix.destroy());
  unix.write('\x18');
  const killed = await host.event('the kill', ({ death }) => death?.askedSignal === 'SIGKILL');
  const atTheEndpoint = {
    ...{ user: ME, channel: 'procserv', from: 'localhost', assurance: 'kernel', pid: process.pid },
    uid: process.geteuid?.(),
  };
  assert.deepEqual([killed.by, killed.death?.askedBy], [atTheEndpoint, atTheEndpoint]);
  assert.deepEqual(await by('the start', ({ to, by: who }) => to === 'starting' && who !== undefined), atTheEndpoint);
  await host.state('a', 'running');

  const console = await site.console(ME, 'a');
  await console.expect(/password: /);
  console.type('secret\r');
  await console.expect(/for help\]/);
  console.type('\x05cd');
  const onConsole = { user: ME, channel: 'conserver', from: 'localhost', assurance: 'password' };
  assert.deepEqual(await by('the stop', ({ to }) => to === 'stopping'), onConsole);
  await host.state('a', 'stopped');

  const remote = connect(tcp, '127.0.0.1');
  atEnd(t, () => remote.destroy());
  remote.write('\x12');
  const { port, ...nobody } =
    (await by(
      'the start by ^R',
      ({ from, to, by: who }) => from === 'stopped' && to === 'starting' && who !== undefined,
    )) ?? {};
  assert.deepEqual(
    [nobody, port],
    [{ user: 'unknown', channel: 'procserv', from: '127.0.0.1', assurance: 'none' }, remote.localPort],
  );
  await host.state('a', 'running');

  assert.equal((await host.command('restart', '--yes', 'a')).code, 0);
  await host.event('the restart', ({ cause }) => cause === 'restart');
  const why = (await host.command('why', 'a')).stdout;
  assert.match(why, new RegExp(`told to go down \\(stop\\) \\(${ME} via conserver from localhost\\)`));
  assert.match(why, new RegExp(`asked for by ${ME} via procserv from pid ${process.pid} \\(SIGKILL\\)`));
  assert.match(why, new RegExp(`told to stop and start again \\(restart\\) \\(${ME} via api from pid \\d+\\)`));
  assert.match(why, new RegExp(`\\(start\\) \\(unknown via procserv from 127\\.0\\.0\\.1:${remote.localPort}\\)`));

  const lines = ['events.jsonl', 'sessions.jsonl'].flatMap((file) =>
    readFileSync(join(host.stateDir, file), 'utf8').trim().split('\n'),
  );
  const people = lines.map((line) => (JSON.parse(line) as EventInfo).by).filter((who) => who !== undefined);
  const known = people.filter(({ assurance }) => assurance !== 'none').map(({ user }) => user);
  assert.deepEqual([...new Set(known)], [ME]);
});
