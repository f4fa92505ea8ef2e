import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readEnvFile } from '../../src/config/env-file.ts';
import { parseEnvText } from '../../src/config/env-text.ts';
import { Aside, NoAnswer } from '../../src/platform/aside.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const values = (text: string) => parseEnvText(text).variables.map(({ name, value }) => [name, value]);
const notes = (text: string) => parseEnvText(text).notes.map(({ line, message }) => `${line}: ${message}`);

test('assignments, comments, quotes, escapes, continuation', () => {
  const text = [
    '# comment',
    '  ; comment',
    '',
    ' A = 1 ',
    'B="two words" \'and more\'',
    'C=\'$HOME "x" \\\'',
    'D=a\\ b"c d"\'e\'',
    'E=',
    'F=one \\',
    '  two',
    'G="say \\"hi\\" \\$x \\n \\\\',
    'over lines"',
    'H=a=b # no comment',
    'I=ends with \\\\',
    'J=\\ ',
  ].join('\n');
  assert.deepEqual(values(text), [
    ['A', '1'],
    ['B', 'two wordsand more'],
    ['C', '$HOME "x" \\'],
    ['D', 'a b"c d"\'e\''],
    ['E', ''],
    ['F', 'one   two'],
    ['G', 'say "hi" $x \\n \\\nover lines'],
    ['H', 'a=b # no comment'],
    ['I', 'ends with \\'],
    ['J', ' '],
  ]);
  assert.deepEqual(notes(text), []);
});

test('an omitted line, or one that swallows others, is reported by its number and never by its text', () => {
  const text = 'A=1\r\nsecret\nexport B=secret\n2C=secret\n# c \\\nE=secret\nF="secret\nG=secret\n';
  assert.deepEqual(values(text), [
    ['A', '1'],
    ['F', 'secret\nG=secret\n'],
  ]);
  assert.deepEqual(notes(text), [
    '2: not an assignment NAME=VALUE; left out',
    '3: the text before the = is not the name of a variable; left out (`export` is for shells)',
    '4: the text before the = is not the name of a variable; left out',
    '6: part of the comment above, which ends with a backslash; to systemd 254 and later it is not',
    '7: a quote is not closed: all that follows is part of the value',
  ]);
});

test('values in double quotes read back as they were', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '`', '\n', '\t', '=', '#') }),
      (value) => {
        assert.deepEqual(values(`X="${value.replace(/[\\"$`]/g, '\\$&')}"`), [['X', value]]);
      },
    ),
    { numRuns: 1000 },
  );
});

test('no note contains text of the file', () => {
  const piece = fc.constantFrom('SECRET', '=', '"', "'", '\\', '\n', '\r', ' ', '#', 'export ', '\x01');
  fc.assert(
    fc.property(
      fc.array(piece).map((all) => all.join('')),
      (text) => {
        const told = parseEnvText(text).notes;
        assert.ok(told.every(({ message }) => !message.includes('SECRET')));
        assert.ok(told.every(({ line }) => line >= 1 && line <= text.split(/\r\n|\r|\n/).length));
      },
    ),
    { numRuns: 1000 },
  );
});

test('files: missing, not readable as text, not a file; optional ones', async (t) => {
  const folder = temporaryDirectory(t);
  const told: string[] = [];
  const read = (name: string, optional = false) =>
    readEnvFile({ path: join(folder, name), optional }, { waits: () => undefined, notes: (text) => told.push(text) });
  writeFileSync(join(folder, 'good'), 'A=\u00e9\n');
  writeFileSync(join(folder, 'nul'), 'A=1\nSECRET=\0\n');
  writeFileSync(join(folder, 'latin1'), Buffer.from('A=1\nB="SECRET\xe9"\n', 'latin1'));
  mkdirSync(join(folder, 'folder'));
  assert.deepEqual(await read('good'), [['A', '\u00e9']]);
  await assert.rejects(
    read('none'),
    /^Error: environment file .*\/none cannot be read: ENOENT: no such file or directory$/,
  );
  await assert.rejects(read('nul'), /^Error: environment file .*\/nul:2: a NUL byte is in it$/);
  await assert.rejects(read('latin1'), /^Error: environment file .*\/latin1:2: not UTF-8 text$/);
  await assert.rejects(read('folder'), /^Error: environment file .*\/folder cannot be read: EISDIR: is a directory$/);
  await assert.rejects(
    readEnvFile({ path: '/dev/zero', optional: false }, { waits: () => undefined, notes: () => undefined }),
    /^Error: environment file \/dev\/zero cannot be read: not a regular file$/,
  );
  assert.deepEqual(await read('none', true), []);
  assert.deepEqual(told, []);
  chmodSync(join(folder, 'latin1'), 0o600);
  assert.deepEqual(await read('latin1', true), []);
  assert.match(told.join(), /latin1:2: not UTF-8 text; it is optional, so it is left out$/);
});

test('a place that does not answer holds up its own questions only, and none longer than its timeout', async () => {
  const asked = new Aside({ atOnce: 2, waiting: 2, patience: 50 });
  const never = () => undefined;
  const dead = { place: 'a dead server', what: 'x' };
  const hung = Array.from({ length: 5 }, () => asked.ask(dead, never));
  const failures = Promise.allSettled(hung);
  assert.equal(await asked.ask({ place: 'a good one', what: 'y' }, (done) => done(null, 7)), 7);
  for (const one of await failures) {
    assert.ok(one.status === 'rejected' && one.reason instanceof NoAnswer);
  }
  await assert.rejects(hung[4] as Promise<unknown>, /too many wait for a dead server already/);
  await assert.rejects(hung[0] as Promise<unknown>, /^Error: x: no answer from a dead server within 0.05 s$/);
});

test('an answer that comes too late is discarded, and the place answers again', async () => {
  const asked = new Aside({ atOnce: 1, patience: 20 });
  const place = { place: 'slow', what: 'x' };
  let answer: (error: null, fd: number) => void = () => undefined;
  const late = Promise.withResolvers<number>();
  await assert.rejects(
    asked.ask<number>(
      place,
      (done) => {
        answer = done;
      },
      late.resolve,
    ),
    NoAnswer,
  );
  answer(null, 5);
  assert.equal(await late.promise, 5);
  assert.equal(await asked.ask(place, (done) => done(null, 6)), 6);
});

test('users and groups that are asked aside are those of the system', async () => {
  const asked = new Aside();
  const { native } = await import('../../src/platform/native.ts');
  const root = native.userById(0);
  assert.deepEqual(await asked.userById(0), root);
  assert.deepEqual(await asked.userByName(root?.name as string), root);
  assert.deepEqual(await asked.groupsOf(root?.name as string, 0), native.groupsOf(root?.name as string, 0));
  assert.equal(await asked.groupByName('daemon'), native.groupByName('daemon'));
  assert.deepEqual(
    await Promise.all([
      asked.userByName('no-such-user'),
      asked.groupByName('no-such-group'),
      asked.userById(4294000000),
    ]),
    [undefined, undefined, undefined],
  );
});
