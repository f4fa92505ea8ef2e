// Each expectation was observed with Getopt::Long 2.52.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { getoptLong, LongOptionError } from '../../src/grammar/text/getopt-long.ts';

const TABLE = {
  mods1: {},
  mods2: {},
  mods: { short: 'm', value: 'number' },
  timeout: { short: 't', value: 'number' },
  verbose: { short: 'v' },
  version: {},
  help: {},
} as const;

const read = (line: string) => {
  const { options, words } = getoptLong(TABLE, line === '' ? [] : line.split(' '));
  return [Object.fromEntries(options), words.join(' ')];
};

test('options and arguments mix, in any case, abbreviated, with one dash or two, until --', () => {
  assert.deepEqual(read('m1 --mods1 x'), [{ mods1: 1 }, 'm1 x']);
  assert.deepEqual(read('-mods1 --MODS2 -h --vers -V'), [{ mods1: 1, mods2: 1, help: 1, version: 1, verbose: 1 }, '']);
  assert.deepEqual(read('-m 1 --m=2 -T +3 --time 007'), [{ mods: 2, timeout: 7 }, '']);
  assert.deepEqual(read('-t -1 - -- -x --help'), [{ timeout: -1 }, '- -x --help']);
  assert.deepEqual(read('is +LOG'), [{}, 'is +LOG']);
});

for (const [line, message] of [
  ['-m1', 'there is no option m1'],
  ['-vt 1', 'there is no option vt'],
  ['--nonsense', 'there is no option nonsense'],
  ['---', 'there is no option -'],
  ['--=x', 'there is no option -'],
  ['--mod 1', 'mod may be --mods1 or --mods2 or --mods'],
  ['--ver', 'ver may be --verbose or --version'],
  ['-v=', '--verbose takes no value'],
  ['-m', '--mods takes a whole number'],
  ['-m --', "--mods takes a whole number, not '--'"],
  ['-t 1.5', "--timeout takes a whole number, not '1.5'"],
  ['--mods=', "--mods takes a whole number, not ''"],
] as const) {
  test(`${line} is refused`, () => assert.throws(() => read(line), { message }));
}

test('any words are read or refused, nothing else', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('-m', '--mods', '-t=1', '--', '-', '__proto__', '--constructor', '1'),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      try {
        getoptLong(TABLE, words);
      } catch (error) {
        assert.ok(error instanceof LongOptionError);
      }
    }),
  );
});
