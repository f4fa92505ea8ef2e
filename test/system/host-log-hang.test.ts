// Logs on file systems that do not answer, and logs that cannot be written: other consoles are not affected, and it is
// reported everywhere.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freezableDisk, silentDisk } from '../harness/disks.ts';
import { HostUnderTest, perl } from '../harness/host.ts';
import { isAlive, temporaryDirectory } from '../harness/machine.ts';
import { ProcServ } from '../harness/procserv.ts';
import { until } from '../harness/until.ts';

const TALKER = `${perl('$| = 1; for (my $n = 1;; $n++) { print "line $n\n"; select undef, undef, undef, 0.05 }')}\n`;

/** The state of a console's log in the four places where people look. */
async function told(host: HostUnderTest, name: string): Promise<readonly string[]> {
  const commands = [['ps'], ['status', name], ['why', name], ['doctor']];
  const said = await Promise.all(commands.map((words) => host.command(...words)));
  return said.map(({ stdout }) => stdout);
}

test('a disk that hangs affects its own log only; it is reported everywhere, and nothing is missing in the end', async (t) => {
  const disk = freezableDisk(t);
  if (!disk) {
    t.skip('needs root, mkfs.ext4 and a loop device, for a file system that can be frozen');
    return;
  }
  const path = join(disk.path, 'log');
  const host = await HostUnderTest.start(t, `[console.hung]\n${TALKER}log.path = "${path}"\n[console.well]\n${TALKER}`);
  await until('both logs', () => /line 5\r/.test(readFileSync(path, 'latin1')) && /line 5\r/.test(host.log('well')));
  disk.freeze();
  const hangs = await host.event('that it hangs', ({ type, console }) => type === 'log' && console === 'hung');
  assert.match(hangs.text, /^log file \S+\/log hangs: a write does not come back; \d+ bytes wait$/);
  const { length } = host.log('well');
  await until('the other log to go on', () => host.log('well').length > length + 200);
  for (const text of await told(host, 'hung')) {
    assert.match(text, /log file \S+\/log hangs: a write does not come back/);
  }
  const { logTrouble } = await host.client.detail('hung');
  assert.ok(
    Date.parse(logTrouble?.since ?? '') < Date.parse(hangs.time),
    'since when it hangs, not since when it is told',
  );
  // The next server knows it too.
  await host.kill();
  await host.up();
  assert.ok((await host.client.detail('hung')).logTrouble);
  disk.thaw();
  await host.event('the end of it', ({ type, text }) => type === 'log' && /is written again$/.test(text));
  await host.consoles('no trouble', (all) => all.get('hung')?.logTrouble === undefined);
  const lines = readFileSync(path, 'latin1').match(/line \d+/g) ?? [];
  assert.deepEqual(
    lines,
    lines.map((_, n) => `line ${n + 1}`),
  );
});

test('logs on an unreachable file server: the host starts, serves, reads other logs, and goes down', async (t) => {
  const silent = silentDisk(t);
  if (!silent) {
    t.skip('needs root and /dev/fuse, for a file system that does not answer');
    return;
  }
  const away = (name: string) => `[console.${name}]\n${TALKER}log.path = "${silent.path}/{name}/log"\n`;
  const names = Array.from({ length: 7 }, (_, n) => `away${n}`);
  const host = await HostUnderTest.start(t, `[console.well]\n${TALKER}${names.map(away).join('')}`);
  await host.said('well', 'line 3');
  await host.state('away0', 'running');
  for (const name of names) {
    await host.event(`that ${name} hangs`, ({ console, text }) => console === name && /hangs: opening it/.test(text));
  }
  for (const text of await told(host, 'away6')) {
    assert.match(text, /away6\/log hangs: opening it does not come back/);
  }
  // More readers than libuv has threads.
  const readers = names.slice(0, 5).map((name) => host.command('logs', name));
  assert.match((await host.command('logs', 'well')).stdout, /line 3/);
  const found = await host.command('grep', 'line 3$');
  assert.match(found.stdout, /^well *: /);
  assert.match(found.stderr, /not searched: \S+away0\/log cannot be read: its file system hangs/);
  for (const { code, stderr } of await Promise.all(readers)) {
    assert.notEqual(code, 0);
    assert.match(stderr, /log cannot be read: its file system hangs: no answer within 5 s/);
  }
  const seen: string[] = [];
  const session = await host.attach('away0', { lines: 0 }, { output: (bytes) => void seen.push(String(bytes)) });
  await until('output of a console whose log hangs', () => /line \d+/.test(seen.join('')));
  session.close();
  const holder = await host.holder();
  assert.equal((await host.command('down', '--all')).code, 0);
  await until('the end of the holder', () => !isAlive(holder));
});

test('a log that cannot be opened is named in ps, status, why and doctor until it can', async (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'taken');
  mkdirSync(path);
  const host = await HostUnderTest.start(t, `[console.a]\n${TALKER}log.path = "${path}"\n`);
  await host.event('the trouble', ({ text }) => /^unable to open log file \S+taken: /.test(text));
  for (const text of await told(host, 'a')) {
    assert.match(text, /unable to open log file \S+taken: illegal operation on a directory \(EISDIR\)/);
  }
  rmdirSync(path);
  await host.event('the end of it', ({ text }) => /is written again$/.test(text));
  const [ps = '', status = '', why = '', doctor = ''] = await told(host, 'a');
  for (const text of [ps, status, why, doctor]) {
    assert.doesNotMatch(text, /unable to open log file \S+taken: illegal.*\n?$|not written since/);
  }
  assert.match(readFileSync(path, 'latin1'), /^line 1\r\n/m);
});

test('procServ with a log on an unreachable file server serves, says so, and ends', async (t) => {
  const silent = silentDisk(t);
  if (!silent) {
    t.skip('needs root and /dev/fuse, for a file system that does not answer');
    return;
  }
  const path = join(silent.path, 'log');
  const server = await ProcServ.start(t, ['-L', path, 'sh', '-c', 'echo ready; exec cat']);
  await server.stderr.expect(/unable to open log file \S+log\n/);
  const client = await server.attach();
  await client.expect(/ready/);
  client.send('word\n');
  await client.expect(/word\r\nword\r\n/);
  await client.expect(/@@@ log file \S+log hangs: opening it does not come back; \d+ bytes wait/);
  silent.release();
  await client.expect(/@@@ log file \S+log is written again/);
  await until('all of it in the log', () => /word\r\nword\r\n/.test(readFileSync(path, 'latin1')));
  assert.equal((await server.terminate()).code, 0);
});
