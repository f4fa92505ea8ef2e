import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROOMS } from '../rooms.ts';

const page = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');

test('the table of rooms in ARCHITECTURE.md is the one that is enforced', () => {
  const [, table = ''] = /<!-- rooms:begin -->\n([\s\S]*?)<!-- rooms:end -->/.exec(page) ?? [];
  const rows = table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const shown = rows.map(([, room, , pure, may]) => `${room} | ${pure} | ${may}`);
  const enforced = Object.entries(ROOMS).map(
    ([room, { may, pure }]) => `\`${room}\` | ${pure ? 'yes' : ''} | ${may.join(', ') || '-'}`,
  );
  assert.deepEqual(shown, enforced);
});

test('ARCHITECTURE.md names only files that exist', () => {
  const paths = Array.from(page.matchAll(/`((?:src|test|native|bench)\/[\w./-]+\.(?:ts|c))`/g), (match) => match[1]);
  assert.ok(paths.length > 10);
  for (const path of paths) {
    assert.doesNotThrow(() => readFileSync(new URL(`../../${path}`, import.meta.url)), `${path} does not exist`);
  }
});
