import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OwnFile } from '../../src/platform/files/own-file.ts';
import { isRoot, temporaryDirectory } from '../harness/machine.ts';

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

test('content that another server has written since stays', (t) => {
  const path = join(temporaryDirectory(t), 'pid');
  const file = OwnFile.write(path, '123\n');
  writeFileSync(path, '456\n');
  file.remove();
  assert.equal(readFileSync(path, 'utf8'), '456\n');
});

test('a device is written to and stays a device', () => {
  OwnFile.write('/dev/null', '123\n').remove();
  assert.ok(lstatSync('/dev/null').isCharacterDevice());
});

test('a missing directory, and a directory in its place', (t) => {
  const directory = temporaryDirectory(t);
  assert.throws(() => OwnFile.write(join(directory, 'none/pid'), 'x'), { code: 'ENOENT' });
  mkdirSync(join(directory, 'pid'));
  assert.throws(() => OwnFile.write(join(directory, 'pid'), 'x'), { code: 'EISDIR' });
  assert.deepEqual(readdirSync(directory), ['pid']);
});

test('a symbolic link is written through, and removed at the end', (t) => {
  const directory = temporaryDirectory(t);
  symlinkSync('real', join(directory, 'pid'));
  const file = OwnFile.write(join(directory, 'pid'), '123\n');
  assert.equal(readFileSync(join(directory, 'real'), 'utf8'), '123\n');
  assert.ok(lstatSync(join(directory, 'pid')).isSymbolicLink());
  file.remove();
  assert.deepEqual(readdirSync(directory), ['real']);
});

test('a file that was made for us in the directory of another user', (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'pid');
  writeFileSync(path, 'longer than what we write');
  chmodSync(path, 0o666);
  chmodSync(directory, 0o555);
  const nobody = 65534;
  try {
    if (isRoot) {
      process.seteuid?.(nobody);
    }
    OwnFile.write(path, '123\n').remove();
  } finally {
    if (isRoot) {
      process.seteuid?.(0);
    }
    chmodSync(directory, 0o755);
  }
  assert.equal(readFileSync(path, 'utf8'), '123\n');
});
