// The table of commands, which docs/reference/cli.md is made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/holdfast/commands.ts';

test('the names of commands and of the options of each are unique, and nothing hides --help and --socket', () => {
  const names = COMMANDS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { options } of COMMANDS) {
    const words = [...options.map(({ name }) => name), 'help', 'socket'];
    assert.equal(new Set(words).size, words.length);
    const shorts = [...options.flatMap(({ short }) => short ?? []), 'h'];
    assert.equal(new Set(shorts).size, shorts.length);
  }
});
