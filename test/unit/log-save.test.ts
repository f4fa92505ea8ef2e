/** A new log keeps the old one under another name (procServ --savelog). */

import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { LogFile } from '../../src/terminal/log-file.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';

/** Begins a log there; returns why the old one could not be kept, if so. */
function begun(t: TestContext, path: string): string | undefined {
  const writer = new LogWriter(clock);
  const log = new LogFile({ path, report: () => undefined }, writer, clock);
  atEnd(t, async () => {
    await log.close(1000);
    writer.close();
  });
  let problem: string | undefined;
  log.openNew((text) => {
    problem = text;
  });
  log.settle();
  assert.ok(log.isOpen);
  return problem;
}

test('a log is kept under the time of its last change, however many there are in one second', (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'log');
  for (const text of ['one', 'two', 'three']) {
    writeFileSync(path, text);
    const time = new Date(2026, 10, 29, 7, 8, 9);
    utimesSync(path, time, time);
    assert.equal(begun(t, path), undefined);
    assert.equal(readFileSync(path, 'utf8'), '');
  }
  const kept = ['', '_2', '_3'].map((end) => readFileSync(`${path}_20261129_070809${end}`, 'utf8'));
  assert.deepEqual(kept, ['one', 'two', 'three']);
});

test('a path that is missing, empty or not a regular file stays where it is', (t) => {
  const folder = temporaryDirectory(t);
  assert.equal(begun(t, join(folder, 'nothing')), undefined);
  writeFileSync(join(folder, 'empty'), '');
  assert.equal(begun(t, join(folder, 'empty')), undefined);
  assert.deepEqual(readdirSync(folder), ['empty', 'nothing']);
  symlinkSync('/dev/null', join(folder, 'link'));
  assert.equal(begun(t, join(folder, 'link')), 'no regular file');
  assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
  assert.equal(begun(t, '/dev/null'), 'no regular file');
});

test('for a link to a file that file is kept, where it is', (t) => {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data/log'), 'old');
  symlinkSync('data/log', join(folder, 'log'));
  assert.equal(begun(t, join(folder, 'log')), undefined);
  assert.deepEqual(readdirSync(folder), ['data', 'log']);
  assert.ok(existsSync(join(folder, 'data/log')));
  assert.match(readdirSync(join(folder, 'data')).join(), /^log,log_\d{8}_\d{6}$/);
});
