import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setAside } from '../../src/platform/set-aside.ts';
import { temporaryDirectory } from '../harness/machine.ts';

test('a file is kept under the time of its last change, however many there are of one second', (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'log');
  for (const text of ['one', 'two', 'three']) {
    writeFileSync(path, text);
    const time = new Date(2026, 10, 29, 7, 8, 9);
    utimesSync(path, time, time);
    setAside(path);
    assert.equal(existsSync(path), false);
  }
  const kept = ['', '_2', '_3'].map((end) => readFileSync(`${path}_20261129_070809${end}`, 'utf8'));
  assert.deepEqual(kept, ['one', 'two', 'three']);
});

test('what is not there, is empty or is no plain file stays where it is', (t) => {
  const folder = temporaryDirectory(t);
  setAside(join(folder, 'nothing'));
  writeFileSync(join(folder, 'empty'), '');
  setAside(join(folder, 'empty'));
  assert.equal(existsSync(join(folder, 'empty')), true);
  symlinkSync('/dev/null', join(folder, 'link'));
  assert.throws(() => setAside(join(folder, 'link')), { message: 'not a plain file' });
  assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
  assert.throws(() => setAside('/dev/null'), { message: 'not a plain file' });
});
