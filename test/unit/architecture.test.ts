import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const page = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');

test('ARCHITECTURE.md names only files that exist', () => {
  const paths = Array.from(page.matchAll(/`((?:src|test|native|bench)\/[\w./-]+\.(?:ts|c))`/g), (match) => match[1]);
  assert.ok(paths.length > 10);
  for (const path of paths) {
    assert.doesNotThrow(() => readFileSync(new URL(`../../${path}`, import.meta.url)), `${path} does not exist`);
  }
});
