import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AUDIT_FILE } from '../../src/model/audit.ts';
import { AuditFolder } from '../harness/audit-folder.ts';
import { HostUnderTest } from '../harness/host.ts';
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
