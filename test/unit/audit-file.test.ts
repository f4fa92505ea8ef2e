import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AuditFolder, entryOf } from '../harness/audit-folder.ts';
import { silentDisk } from '../harness/disks.ts';
import { smallDisk, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

test('each line names the hash of the one before, across servers', async (t) => {
  const audit = new AuditFolder(t);
  const first = audit.open();
  first.add(entryOf('start', { console: 'vac-01', by: { ...entryOf('start').by, reason: 'HV card' } }));
  first.add(entryOf('stop', { console: 'vac-01' }));
  await first.settle();
  first.close();
  const second = audit.open();
  second.add(entryOf('restart', { console: 'vac-02' }));
  await second.settle();
  const records = await audit.records();
  assert.deepEqual(
    records.map(({ act, console, reason, seq }) => [seq, act, console, reason]),
    [
      [1, 'file', undefined, undefined],
      [2, 'start', 'vac-01', 'HV card'],
      [3, 'stop', 'vac-01', undefined],
      [4, 'restart', 'vac-02', undefined],
    ],
  );
  assert.equal(records[1]?.by.reason, undefined, 'the reason stands beside the person, once');
  const verdict = await audit.verify(second);
  assert.deepEqual(verdict, { files: 1, lines: 4, torn: 0, missed: 0, first: 1, last: 4, anchored: true });
  assert.equal(statSync(audit.path).mode & 0o777, 0o600);
});

test('a page of rows has what was begun only if nothing says what came of it, wherever it is cut', async (t) => {
  const audit = new AuditFolder(t);
  const file = audit.open();
  const begun = { outcome: 'begun' } as const;
  // 1 is the head of the file.
  for (const entry of [
    ...[entryOf('apply', begun), entryOf('stop'), entryOf('apply'), entryOf('start')],
    ...[entryOf('down', begun), entryOf('restart'), entryOf('up'), entryOf('evict'), entryOf('apply', begun)],
  ]) {
    file.add(entry);
  }
  await file.settle();
  const whole = (await audit.records({ rows: true, limit: 100 })).map(({ seq }) => seq);
  assert.deepEqual(whole, [3, 4, 5, 6, 7, 8, 9, 10], 'the apply is known to be done, the others are not');
  for (const limit of [1, 2, 3, 4, 5]) {
    const paged: number[] = [];
    for (let before: number | undefined; ; before = paged[0]) {
      const page = await audit.records({ rows: true, limit, ...(before !== undefined && { before }) });
      paged.unshift(...page.map(({ seq }) => seq));
      if (page.length < limit) {
        break;
      }
    }
    assert.deepEqual(paged, whole, `pages of ${limit}`);
  }
  assert.deepEqual(
    (await audit.records({ rows: true, ...begun })).map(({ seq }) => seq),
    [6, 10],
  );
});

test('rotation keeps the chain, and the size of all files', async (t) => {
  const audit = new AuditFolder(t);
  audit.keep = 8 * 2000;
  let file = audit.open();
  for (let number = 0; number < 150; number++) {
    file.add(entryOf('start', { console: `vac-${number}`, details: { text: 'x'.repeat(number % 50) } }));
    await file.settle();
    if (number % 40 === 39) {
      file.close();
      file = audit.open();
    }
  }
  const verdict = await audit.verify(file);
  assert.equal(verdict.broken, undefined);
  assert.equal(verdict.files, 8);
  assert.ok((verdict.first as number) > 1, 'the oldest ones are gone');
  assert.ok([...audit.contents().values()].every((text) => text.length <= 2000));
  const newest = (await audit.records()).findLast(({ act }) => act === 'file');
  assert.equal(newest?.details?.oldest, verdict.first);
});

test('a line that was torn is said by the next one, and counts for the chain', async (t) => {
  const audit = new AuditFolder(t);
  const first = audit.open();
  first.add(entryOf('start'));
  first.add(entryOf('stop'));
  await first.settle();
  first.close();
  const { size } = statSync(audit.path);
  truncateSync(audit.path, size - 20);
  assert.deepEqual((await audit.verify()).torn, 1);
  const second = audit.open();
  second.add(entryOf('restart'));
  await second.settle();
  const records = await audit.records();
  const lines = readFileSync(audit.path, 'utf8').split('\n');
  assert.deepEqual(
    records.map(({ act, seq, torn }) => [seq, act, torn]),
    [
      [1, 'file', undefined],
      [2, 'start', undefined],
      [3, 'restart', lines[2]?.length],
    ],
  );
  const verdict = await audit.verify(second);
  assert.deepEqual([verdict.broken, verdict.torn, verdict.lines], [undefined, 1, 4]);
  writeFileSync(audit.path, lines.with(2, 'x'.repeat((lines[2] as string).length)).join('\n'));
  assert.equal((await audit.verify()).broken?.line, 2, 'what was torn is covered with the line before it');
});

test('wherever a server was killed in a line, the chain goes on', async (t) => {
  const audit = new AuditFolder(t);
  const file = audit.open();
  file.add(entryOf('start', { console: 'a' }));
  file.add(entryOf('stop', { console: 'b' }));
  await file.settle();
  file.close();
  const whole = readFileSync(audit.path);
  for (let size = 0; size < whole.length; size += 7) {
    writeFileSync(audit.path, whole.subarray(0, size));
    const next = audit.open();
    next.add(entryOf('restart'));
    await next.settle();
    assert.equal((await audit.verify(next)).broken, undefined, `cut at ${size}`);
    next.close();
  }
});

test('what was put into the file between two servers is found', async (t) => {
  const audit = new AuditFolder(t);
  const first = audit.open();
  first.add(entryOf('start'));
  await first.settle();
  first.close();
  const [head, last] = readFileSync(audit.path, 'utf8').split('\n') as [string, string];
  for (const more of ['\n', `${last}\n`, `${last.replace('"seq":2', '"seq":3')}\n`]) {
    writeFileSync(audit.path, `${head}\n${last}\n${more}`);
    const second = audit.open();
    second.add(entryOf('stop'));
    await second.settle();
    second.close();
    // Of a line that looks like one it cannot be told whether it came in, or the one before it was changed.
    const line = more.includes('"seq":3') ? 2 : 3;
    assert.equal((await audit.verify()).broken?.line, line, JSON.stringify(more));
  }
});

test('a file that is put aside, deleted or shortened while a server runs is missed', async (t) => {
  const harm: Readonly<Record<string, (path: string) => void>> = {
    deleted: (path) => rmSync(path),
    'put aside': (path) => renameSync(path, `${path}.old`),
    emptied: (path) => writeFileSync(path, ''),
    'without its last line': (path) =>
      writeFileSync(path, `${readFileSync(path, 'utf8').split('\n').slice(0, -2).join('\n')}\n`),
  };
  for (const [what, act] of Object.entries(harm)) {
    const audit = new AuditFolder(t, temporaryDirectory(t));
    const file = audit.open();
    file.add(entryOf('start'));
    file.add(entryOf('stop'));
    await file.settle();
    act(audit.path);
    assert.ok((await audit.verify(file)).broken, `${what}: by what the server knows`);
    file.add(entryOf('restart'));
    await file.settle();
    assert.ok((await audit.verify()).broken, `${what}: by the next line`);
    assert.equal((await audit.records()).at(-1)?.act, 'restart');
  }
});

test('a full disk is told once, what fits later is written, and what waits in vain is counted', async (t) => {
  const disk = smallDisk(t, 64 * 1024);
  if (disk === undefined) {
    t.skip('no tmpfs can be mounted');
    return;
  }
  const audit = new AuditFolder(t, disk);
  const file = audit.open();
  file.add(entryOf('start'));
  await file.settle();
  const ballast = join(disk, 'ballast');
  assert.throws(() => appendFileSync(ballast, Buffer.alloc(1 << 20)), /ENOSPC/);
  for (let number = 0; number < 200; number++) {
    file.add(entryOf('restart', { console: `vac-${number}`, details: { text: 'x'.repeat(100) } }));
  }
  await assert.rejects(file.settle(), /no space left on device/);
  await assert.rejects(file.settle(), /no space left on device/);
  assert.equal(audit.told.length, 1);
  for (let number = 0; number < 5000; number++) {
    file.add(entryOf('stop', { console: `vac-${number}` }));
  }
  rmSync(ballast);
  audit.keep = 8 * 40_000;
  await file.settle().catch(() => undefined);
  const verdict = await audit.verify();
  assert.equal(verdict.broken, undefined);
  assert.equal(audit.copied.filter(({ act }) => act === 'restart').length, 200, 'each has a copy, once');
  assert.equal(audit.copied.filter(({ act }) => act === 'stop').length, 5000, 'each has a copy, once');
});

test('a disk that works again is said, with the number of what is missing', async (t) => {
  const disk = smallDisk(t, 2 << 20);
  if (disk === undefined) {
    t.skip('no tmpfs can be mounted');
    return;
  }
  const audit = new AuditFolder(t, disk);
  const file = audit.open();
  file.add(entryOf('start'));
  await file.settle();
  const ballast = join(disk, 'ballast');
  assert.throws(() => appendFileSync(ballast, Buffer.alloc(4 << 20)), /ENOSPC/);
  for (let number = 0; number < 5000; number++) {
    file.add(entryOf('stop', { console: `vac-${number}` }));
  }
  await assert.rejects(file.settle(), /no space left on device/);
  rmSync(ballast);
  await file.settle();
  assert.deepEqual(audit.told.slice(1), [undefined]);
  const verdict = await audit.verify(file);
  assert.equal(verdict.broken, undefined);
  const stops = (await audit.records()).filter(({ act }) => act === 'stop').length;
  assert.equal(stops + verdict.missed, 5000);
  assert.ok(verdict.missed > 0);
});

test('a disk that hangs holds up nobody but who must wait for it', async (t) => {
  const disk = silentDisk(t);
  if (disk === undefined) {
    t.skip('no file system can be mounted');
    return;
  }
  const audit = new AuditFolder(t, disk.path);
  const file = audit.open();
  file.add(entryOf('restart'));
  await assert.rejects(file.settle(), /hangs/);
  await until('it is told', () => audit.told.length === 1);
  assert.deepEqual(audit.copied, [{ act: 'restart' }]);
  disk.release();
});
