import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findPassword, parseConserverPasswd } from '../../src/grammar/conserver/passwd.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

test('entries, comments and continued lines', () => {
  const { entries, faults } = parseConserverPasswd(
    'p',
    '# comment\n  # indented comment\n\ndes : abc\nfree:\nsys:*passwd*\nlong:\n  # inside\n  xyz\nbad\n*any*:q\nlate:\n',
  );
  assert.deepEqual(
    faults.map(({ message }) => message),
    ['CheckPasswd(): p(10) bad password line: no colon in it'],
  );
  assert.deepEqual(findPassword(entries, 'des'), { kind: 'crypt', hash: 'abc' });
  assert.deepEqual(findPassword(entries, 'free'), { kind: 'none' });
  assert.deepEqual(findPassword(entries, 'sys'), { kind: 'system' });
  assert.deepEqual(findPassword(entries, 'long'), { kind: 'crypt', hash: 'xyz' });
  assert.deepEqual(findPassword(entries, 'late'), { kind: 'crypt', hash: 'q' }, 'the first of name and *any* decides');
  assert.equal(findPassword([], 'late'), undefined);
});

test('any text is read', () => {
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => void parseConserverPasswd('p', text)));
});
