import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OwnFile } from '../../src/platform/own-file.ts';
import { temporaryDirectory } from '../harness/machine.ts';

test('written whole, with nothing beside it, and removed', (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'pid');
  writeFileSync(path, 'an older and longer text');
  const file = OwnFile.write(path, '123\n');
  assert.equal(readFileSync(path, 'utf8'), '123\n');
  assert.deepEqual(readdirSync(directory), ['pid']);
  file.remove();
  assert.equal(existsSync(path), false);
  file.remove();
});

test('what another server has written since stays', (t) => {
  const path = join(temporaryDirectory(t), 'pid');
  const file = OwnFile.write(path, '123\n');
  writeFileSync(path, '456\n');
  file.remove();
  assert.equal(readFileSync(path, 'utf8'), '456\n');
});

test('an inherited file is removed like a written one', (t) => {
  const path = join(temporaryDirectory(t), 'pid');
  OwnFile.write(path, '123\n');
  OwnFile.inherit(path, '123\n').remove();
  assert.equal(existsSync(path), false);
});

test('a device is written to and stays a device', () => {
  OwnFile.write('/dev/null', '123\n').remove();
  assert.ok(lstatSync('/dev/null').isCharacterDevice());
});

test('a directory that is not there, and a directory in its place', (t) => {
  const directory = temporaryDirectory(t);
  assert.throws(() => OwnFile.write(join(directory, 'none/pid'), 'x'), { code: 'ENOENT' });
  mkdirSync(join(directory, 'pid'));
  assert.throws(() => OwnFile.write(join(directory, 'pid'), 'x'), { code: 'EISDIR' });
  assert.deepEqual(readdirSync(directory), ['pid']);
});
