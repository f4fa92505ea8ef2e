/** The command line of conserver(8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConserver } from '../../src/cli/conserver/options.ts';
import { help } from '../../src/cli/conserver/usage.ts';

test('clustered options, values, the last of several', () => {
  const command = parseConserver(['-EvSS', '-p', '1', '-p2', '-a', 'trusted', '-O5', '-M', '127.0.0.1', '-Cfile']);
  assert.ok(command.verb === 'serve');
  const { plain, verbose, check, port, defaultAccess, reinitCheck, address, configFile, redirect } = command.options;
  assert.deepEqual(
    [plain, verbose, check, port, defaultAccess, reinitCheck, address, configFile, redirect],
    [true, true, 2, '2', 'trusted', 5, '127.0.0.1', 'file', true],
  );
});

test('mistakes are named', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['-y'], /'y'/],
    [['-a', 'q'], /`q'/],
    [['-O', 'x'], /`x'/],
    [['word'], /`word'/],
    [['-p'], /'p'/],
  ];
  for (const [words, pattern] of cases) {
    const command = parseConserver(words);
    assert.ok(command.verb === 'error', words.join(' '));
    assert.match(command.message, pattern);
  }
  fc.assert(fc.property(fc.array(fc.string()), (words) => void parseConserver(words)));
});

test('the help names every letter', () => {
  for (const letter of '7abcCdDEFhiLmMnoOpPRSuUvV') {
    assert.match(help('conserver'), new RegExp(`^ +${letter} `, 'm'));
  }
});
