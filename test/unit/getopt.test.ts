import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { getopt, type OptionSpec } from '../../src/grammar/text/getopt.ts';

const SPECS: readonly OptionSpec[] = [
  { name: 'quiet', short: 'q', argument: 'none' },
  { name: 'logfile', short: 'L', argument: 'required' },
  { name: 'logport', short: 'l', argument: 'required' },
  { name: 'logstamp', argument: 'optional' },
  { name: 'log', argument: 'none' },
  { name: 'optional', short: 'o', argument: 'optional' },
];
const q = { name: 'quiet' };
const L = (value: string) => ({ name: 'logfile', value });

const LINES = [
  [[], [], []],
  [['-q', 'cmd', '-q'], [q], ['cmd', '-q']],
  [['-qLfile', 'x'], [q, L('file')], ['x']],
  [['-qL', 'file', 'x'], [q, L('file')], ['x']],
  [['-L', '-q'], [L('-q')], []],
  [['-L', '--', '--', '-q'], [L('--')], ['-q']],
  [['--logfile=a=b'], [L('a=b')], []],
  [['--logfile', ''], [L('')], []],
  [['--logfile='], [L('')], []],
  [['--logf', 'x'], [L('x')], []],
  [['--log'], [{ name: 'log' }], []],
  [['--logstamp', 'word'], [{ name: 'logstamp' }], ['word']],
  [['--logstamp=%c'], [{ name: 'logstamp', value: '%c' }], []],
  [['-o', 'word'], [{ name: 'optional' }], ['word']],
  [['-oword'], [{ name: 'optional', value: 'word' }], []],
  [['-', '-q'], [], ['-', '-q']],
  [['-q', '--', '-q'], [q], ['-q']],
] as const;

for (const [words, options, rest] of LINES) {
  test(`words: ${words.join(' ')}`, () => assert.deepEqual(getopt(SPECS, words), { options, rest }));
}

const ERRORS = [
  [['-z'], "invalid option -- 'z'"],
  [['-qz'], "invalid option -- 'z'"],
  [['-L'], "option requires an argument -- 'L'"],
  [['--logfile'], "option '--logfile' requires an argument"],
  [['--quiet=1'], "option '--quiet' doesn't allow an argument"],
  [['--nonsense'], "unrecognized option '--nonsense'"],
  [['--nonsense=1'], "unrecognized option '--nonsense'"],
  [['--lo'], "option '--lo' is ambiguous; possibilities: '--logfile' '--logport' '--logstamp' '--log'"],
] as const;

for (const [words, error] of ERRORS) {
  test(`error: ${words.join(' ')}`, () => assert.equal(getopt(SPECS, words).error, error));
}

test('any words give an answer, and the words after the command stay as they are', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('-q', '-L', '--', '--log', '--logfile=', '-', '-qL'));
  fc.assert(
    fc.property(fc.array(word), fc.array(word), (before, after) => {
      const { options, rest, error } = getopt(SPECS, [...before, '--', 'command', ...after]);
      assert.ok(options.every(({ name }) => SPECS.some((spec) => spec.name === name)));
      if (error === undefined) {
        assert.deepEqual(rest.slice(-after.length - 1), ['command', ...after]);
      }
    }),
  );
});
