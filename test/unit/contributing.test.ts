// The recipes of CONTRIBUTING.md name existing files and things; whether the steps work is not tested.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const named = [...new Set(Array.from(page.matchAll(/`([^`\n]+)`/g), ([, code]) => code as string))];

test('CONTRIBUTING.md names only files and folders that exist', () => {
  const paths = named.filter(
    (code) => /^(src|test|native|scripts|docs|web)\/[\w./-]+$/.test(code) && !code.includes('NAME'),
  );
  assert.ok(paths.length > 30, String(paths));
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(root, path))),
    [],
  );
});

test('CONTRIBUTING.md names only constants and types that are declared somewhere', () => {
  const things = named.filter((code) => /^[A-Z][A-Za-z_]{3,}$/.test(code));
  assert.ok(things.length > 15, String(things));
  const sources = ['src', 'test/fakes', 'web'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  assert.deepEqual(
    things.filter(
      (thing) => !sources.some((text) => new RegExp(`\\b(const|class|function|interface|type) ${thing}\\b`).test(text)),
    ),
    [],
  );
});
