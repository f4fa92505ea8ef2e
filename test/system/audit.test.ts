import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AUDIT_FILE } from '../../src/model/audit.ts';
import { AuditFolder } from '../harness/audit-folder.ts';
import { HostUnderTest } from '../harness/host.ts';
import { smallDisk } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const CAT = (name: string) => `[console.${name}]\nrun = ["/bin/cat"]\nstart = false\n`;
const NAMES = ['a', 'b', 'c', 'd'];

test('a server that is killed again and again leaves a chain that holds, and starts without an end', async (t) => {
  const host = await HostUnderTest.start(t, `[audit]\n${NAMES.map(CAT).join('')}`);
  const path = join(host.stateDir, AUDIT_FILE);
  const lines = () => readFileSync(path, 'utf8').split('\n').length;
  for (let life = 0; life < 4; life++) {
    const before = lines();
    // Until the connection breaks: the kill comes while lines are being written.
    const busy = NAMES.map(async (name) => {
      for (;;) {
        await host.client.start(name, 'again');
        await host.client.stop(name);
      }
    });
    const broken = Promise.allSettled(busy);
    await until('lines are written', () => lines() > before + 20 + life * 7);
    await host.kill();
    await broken;
    await host.up();
  }
  const audit = new AuditFolder(t, host.stateDir);
  const starts = async () => (await audit.records()).filter(({ act }) => act === 'up').length;
  await until('a line for each start', async () => (await starts()) === 5);
  const verdict = await audit.verify();
  assert.equal(verdict.broken, undefined);
  const records = await audit.records();
  assert.equal(records.filter(({ act }) => act === 'up').length, 5);
  assert.equal(records.filter(({ act }) => act === 'end').length, 0);
  const start = records.find(({ act }) => act === 'start');
  assert.deepEqual([start?.outcome, start?.reason, start?.by.user], ['done', 'again', userInfo().username]);
});

test('a reload and the end of a server are lines before it is gone', async (t) => {
  const host = await HostUnderTest.start(t, `[audit]\n${CAT('a')}`);
  host.configure(`[audit]\n${CAT('a')}${CAT('b')}`);
  assert.equal((await host.command('reload')).code, 2);
  host.configure(`[audit]\n${CAT('b')}`);
  host.server.process.kill('SIGHUP');
  await host.event('the reload', ({ text }) => text === 'configuration applied: remove a');
  assert.equal((await host.command('down', '--yes')).code, 0);
  await host.server.exited;
  const records = await new AuditFolder(t, host.stateDir).records();
  assert.deepEqual(
    records.map(({ act, by, details, outcome }) => [outcome, act, by.channel, details?.steps]),
    [
      ['done', 'file', 'self', undefined],
      ['done', 'up', 'self', undefined],
      ['begun', 'apply', 'api', undefined],
      ['done', 'apply', 'api', ['add b']],
      ['done', 'apply', 'signal', ['remove a']],
      ['begun', 'down', 'api', undefined],
      ['done', 'down', 'api', undefined],
      ['done', 'end', 'api', undefined],
    ],
  );
});

test('holdfast audit tells who did what, and --verify names the line that was changed', async (t) => {
  const host = await HostUnderTest.start(t, `[audit]\n${CAT('vac-01')}${CAT('rf-01')}`);
  const me = userInfo().username;
  await host.client.start('vac-01');
  await host.client.signal('vac-01', 10, 'looking');
  await host.client.hold('rf-01', 'HV card', undefined);
  await assert.rejects(host.client.start('rf-01'));
  const audit = async (...words: string[]) => await host.command('audit', ...words);
  const { code, stdout } = await audit('--since', '1h');
  const said = stdout.split('\n').map((line) => line.replace(/^[-0-9]+ [:0-9]+ {2}/, '').replace(/pid \d+/g, 'pid N'));
  const by = `${me} via api from pid N`;
  assert.equal(code, 0);
  assert.deepEqual(said, [
    `holdfast: come up: version ${(await host.client.version()).version}; pid N; consoles 2`,
    `${by}: start vac-01`,
    `${by}: send signals to vac-01: looking; SIGUSR1`,
    `${by}: hold rf-01: HV card`,
    `${by}: start rf-01, failed: rf-01 is held by ${me}: HV card`,
    '',
  ]);
  const acts = async (...words: string[]) =>
    (await audit('--json', ...words)).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).act);
  assert.deepEqual(await acts('rf*', '-n', '1'), ['start']);
  assert.deepEqual(await acts('vac-01'), ['start', 'signal']);
  assert.deepEqual(await acts('--verb', 'hold'), ['hold']);
  assert.deepEqual(await acts('--user', me), ['start', 'signal', 'hold', 'start']);
  assert.deepEqual(await acts('--until', '1h'), []);
  const good = await audit('--verify');
  assert.deepEqual([good.code, good.stdout], [0, 'the chain holds: 6 lines in 1 file, numbers 1 to 6\n']);
  const path = join(host.stateDir, AUDIT_FILE);
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, lines.with(3, (lines[3] as string).replace('looking', 'nothing')).join('\n'));
  const bad = await audit('--verify');
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /^audit\.jsonl:4: this line was changed: /);
  writeFileSync(path, lines.slice(0, -2).join('\n'));
  assert.match((await audit('--verify')).stdout, /^audit\.jsonl:5: lines 6 to 6 are missing after this one\n$/);
  writeFileSync(path, lines.join('\n'));
  assert.equal((await audit('--verify')).code, 0);
  await host.kill();
  const alone = await host.command('audit', '--verify', '--dir', host.stateDir);
  assert.equal(alone.code, 0);
  assert.match(alone.stdout, /^the chain holds: 6 lines .*\nthe last lines were not compared /);
  assert.match((await audit('-n', '1', '--dir', host.stateDir)).stdout, /: start rf-01, failed: /);
});

test('where there is no audit, that is said', async (t) => {
  const host = await HostUnderTest.start(t, CAT('a'));
  const none = await host.command('audit');
  assert.deepEqual([none.code, none.stdout], [1, '']);
  assert.match(none.stderr, /records nothing: its configuration has neither \[audit\] nor \[access\]/);
});

test('a full disk refuses what takes admin or configure, never a restart, and is told once', async (t) => {
  const disk = smallDisk(t, 128 * 1024);
  if (disk === undefined) {
    t.skip('no tmpfs can be mounted');
    return;
  }
  chmodSync(disk, 0o700);
  const host = await HostUnderTest.start(t, `[audit]\n${CAT('a')}`, { stateDir: disk });
  await host.client.start('a');
  const ballast = join(disk, 'ballast');
  assert.throws(() => writeFileSync(ballast, Buffer.alloc(1 << 20)), /ENOSPC/);
  // The page that the file has takes some more lines.
  for (let number = 0; number < 20; number++) {
    await host.client.restart('a', 'x'.repeat(500));
  }
  host.configure(`[audit]\n${CAT('a')}${CAT('b')}`);
  const refused = await host.command('reload');
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /nothing is done that takes the right `configure` while the audit cannot be written: no space/,
  );
  assert.equal((await host.command('down', '--all', '--yes')).code, 1);
  await assert.rejects(host.client.apply(), { code: 'HF_NO_AUDIT' });
  assert.equal((await host.command('restart', 'a')).code, 0);
  rmSync(ballast);
  assert.equal((await host.command('reload')).code, 2);
  const told = (await host.client.events({ limit: 1000 })).filter(({ text }) => text.startsWith('the audit ('));
  assert.deepEqual(
    told.map(({ text }) => text.replace(/^the audit \(\S+\)/, '')),
    [
      ' cannot be written: no space left on device (ENOSPC); until it can be, what takes `admin` or `configure` is refused',
      ' is written again',
    ],
  );
  const acts = (await new AuditFolder(t, disk).records()).map(({ act, outcome }) => `${act} ${outcome}`);
  assert.equal(acts.filter((each) => each === 'restart done').length, 21, 'what waited is there');
  assert.equal(acts.filter((each) => each === 'apply failed').length, 2);
  assert.equal(acts.filter((each) => each === 'apply done').length, 1);
  assert.equal((await host.command('audit', '--verify')).code, 0);
});
