// docs/reference/cli.md is what the program says of itself. UPDATE_REFERENCE=1 writes it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMMANDS } from '../../../src/cli/holdfast/commands.ts';
import { cliReference } from '../../../src/cli/holdfast/reference.ts';

const page = fileURLToPath(new URL('../../../docs/reference/cli.md', import.meta.url));

test('docs/reference/cli.md is equal to the table of commands', () => {
  const wanted = cliReference(COMMANDS);
  if (process.env.UPDATE_REFERENCE === '1') {
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, wanted);
  }
  assert.equal(readFileSync(page, 'utf8'), wanted, 'run it with UPDATE_REFERENCE=1');
});

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
