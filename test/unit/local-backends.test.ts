import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/platform/time/clock.ts';
import { LocalBackends } from '../../src/terminal/local-backends.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

const logAt = (path: string) => ({ path, keep: 0, compress: false });

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'local-backends-'));
  const writer = new LogWriter(systemClock);
  const backends = new LocalBackends({ clock: systemClock, keepBytes: 4096, writer });
  atEnd(t, async () => {
    await backends.close();
    writer.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, backends };
}

test('each console has a backend and a log of its own; a closed one is forgotten', async (t) => {
  const { folder, backends } = setUp(t);
  const log = join(folder, 'a.log');
  const a = backends.openBackend('a', logAt(log), assert.fail);
  const b = backends.openBackend('b', undefined, assert.fail);
  const [keptA, keptB] = await Promise.all([a.kept, b.kept]);
  assert.deepEqual([keptA.name, keptB.name], ['a', 'b']);
  assert.notEqual(keptA.id, keptB.id);
  a.backend.feed(Buffer.from('hello\r\n'), assert.fail);
  b.backend.feed(Buffer.from('nobody keeps this\r\n'), assert.fail);
  assert.equal(a.backend.lineNow, 'hello');
  assert.equal(b.backend.lineNow, 'nobody keeps this');
  renameSync(log, `${log}.1`);
  backends.reopenLogs();
  a.backend.feed(Buffer.from('again\r\n'), assert.fail);
  await b.backend.close();
  await until('the new file', () => existsSync(log) && readFileSync(log, 'latin1') === 'again\r\n');
  assert.equal(readFileSync(`${log}.1`, 'latin1'), 'hello\r\n');
  assert.equal(await backends.mustAnswer(), undefined);
  assert.equal(backends.silence, undefined);
});

test('a log that cannot be opened is known at once, and told', async (t) => {
  const { folder, backends } = setUp(t);
  const told: string[] = [];
  backends.openBackend('a', logAt(join(folder, 'missing', 'a.log')), (text) => told.push(text));
  backends.openBackend('b', logAt(join(folder, 'b.log')), assert.fail);
  assert.match(backends.logProblem('a')?.message ?? '', /no such file or directory/);
  assert.equal(backends.logProblem('b'), undefined);
  assert.equal(backends.logProblem('nobody'), undefined);
  assert.equal(told.length, 1);
});
