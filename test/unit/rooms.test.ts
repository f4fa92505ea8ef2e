import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LARGEST_FILE, ROOMS } from '../rooms.ts';

const src = join(dirname(fileURLToPath(import.meta.url)), '../../src');
const IMPORT = /(?:import|export)\s[^;]*?from\s+'([^']+)'|import\s*\(\s*'([^']+)'\s*\)|import\s+'([^']+)'/g;

/** The room of a file below `src/`: the longest row of the table that is a prefix of its path. */
function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

for (const file of files) {
  test(`src/${file} keeps to its room`, () => {
    const room = roomOf(file);
    assert.ok(room, `no row of test/rooms.ts covers src/${file}`);
    const { may, pure } = ROOMS[room] as (typeof ROOMS)[string];
    const text = readFileSync(join(src, file), 'utf8');
    assert.ok(text.split('\n').length <= LARGEST_FILE, `over ${LARGEST_FILE} lines: something in it wants its own name`);
    for (const match of text.matchAll(IMPORT)) {
      const target = (match[1] ?? match[2] ?? match[3]) as string;
      if (!target.startsWith('.')) {
        assert.ok(!pure, `'${target}': ${room}/ is pure, it may import nothing from outside`);
        continue;
      }
      const path = relative(src, normalize(join(src, dirname(file), target)));
      if (path === '../package.json') {
        continue;
      }
      const other = roomOf(path);
      assert.ok(other, `'${target}' lies in no room`);
      assert.ok(other === room || may.includes(other), `'${target}': ${room}/ may not import ${other}/`);
    }
  });
}
