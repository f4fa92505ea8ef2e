import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../docs/decisions/', import.meta.url);
const index = readFileSync(new URL('README.md', folder), 'utf8');

const pages = readdirSync(folder)
  .filter((name) => name !== 'README.md')
  .sort();

/** `file: number, title` of each page, from its heading. */
const held = pages.map((name) => {
  const [heading = ''] = readFileSync(new URL(name, folder), 'utf8').split('\n');
  return `${name}: ${heading.replace(/^# (\d+)\. /, '$1, ')}`;
});

/** The same for each row of the index. */
const listed = Array.from(
  index.matchAll(/^\| \[(\d+)\]\(([^)]*)\) *\| (.*?) *\|/gm),
  ([, number, name, title]) => `${name}: ${number}, ${title}`,
).sort();

test('docs/decisions/README.md has one row for each decision, with its number and title', () => {
  assert.deepEqual(
    listed,
    held,
    'mend the row of docs/decisions/README.md, or add one: number, title, what it decides, status',
  );
});

test('a decision has the number of its file', () => {
  for (const page of held) {
    assert.match(page, /^0*(\d+)-[\w-]+\.md: \1, ./);
  }
});

test('links between decisions lead to a decision', () => {
  for (const name of ['README.md', ...pages]) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((\d{4}-[^)#]*)/g)) {
      assert.ok(pages.includes(target), `${name}: ${target} does not exist`);
    }
  }
});
