import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteWord, shellWords } from '../../src/grammar/text/shell-words.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';
import { missing } from '../harness/machine.ts';

const lines = fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '\\', '$', '\n', '\t', '#', 'é'), maxLength: 12 });

test('words, quotes and backslashes', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['  a  b\tc\n', ['a', 'b', 'c']],
    [`a'b c'"d e"f`, ['ab cd ef']],
    [`'' ""`, ['', '']],
    [String.raw`a\ b \'c "d\"e\\f\g"`, ['a b', "'c", String.raw`d"e\f\g`]],
    [`'a\\b' # no comment`, ['a\\b', '#', 'no', 'comment']],
  ];
  for (const [line, words] of cases) {
    assert.deepEqual(shellWords(line), { words }, line);
  }
});

test('an open quote is reported', () => {
  assert.deepEqual(shellWords(`a "b`), { error: 'no closing "' });
  assert.deepEqual(shellWords(`a 'b`), { error: "no closing '" });
  assert.deepEqual(shellWords('a\\'), { error: 'a backslash at the end escapes nothing' });
});

test('quoted words survive the round trip', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: ANY_CHARACTER })), (words) => {
      assert.deepEqual(shellWords(words.map(quoteWord).join(' ')), { words });
    }),
  );
  assert.equal(quoteWord('plain-word_1.%s'), 'plain-word_1.%s');
  assert.equal(quoteWord(''), "''");
});

test('never throws', () => {
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER }), (line) => void shellWords(line)));
});

const SHLEX = `
import json, shlex, sys
def split(line):
    try: return shlex.split(line)
    except ValueError: return None
print(json.dumps([split(line) for line in json.load(sys.stdin)]))`;

test("the same words as Python's shlex.split, which procServ uses", { skip: missing('python3') }, () => {
  const samples = fc.sample(lines, 3000);
  const { stdout } = spawnSync('python3', ['-c', SHLEX], { input: JSON.stringify(samples), encoding: 'utf8' });
  const expected = JSON.parse(stdout) as (string[] | null)[];
  samples.forEach((line, index) => {
    assert.deepEqual(shellWords(line).words ?? null, expected[index], JSON.stringify(line));
  });
});

test('a shell reads quoted words as they were', () => {
  const words = ["it's", 'a b', '$HOME', '`id`', '', '*', '~', '!x', '\\', '"', 'a=b;c'];
  const { stdout } = spawnSync('/bin/sh', ['-c', `printf '%s\\n' ${words.map(quoteWord).join(' ')}`], {
    encoding: 'utf8',
  });
  assert.deepEqual(stdout.split('\n').slice(0, -1), words);
});
