import assert from 'node:assert/strict';
import { test } from 'node:test';
import { circular, type Edge, reached, type SourceFile, sourceFiles } from '../harness/source-files.ts';
import { GENERATED, LARGEST_FILE, ROOMS, roomOf } from '../rooms.ts';

const files = sourceFiles();
const edges = files.flatMap(({ path, imports }) => imports.map((to): Edge => [path, to]));

/** The mistakes in the place of this file and in its imports. */
function trespasses({ path, lines, packages, imports }: SourceFile): string[] {
  const room = roomOf(path);
  if (!room) {
    return ['no row of test/rooms.ts covers it'];
  }
  const { may, pure } = ROOMS[room] as (typeof ROOMS)[string];
  const wrong: string[] = [];
  if (lines >= LARGEST_FILE && !GENERATED.includes(path)) {
    wrong.push(`${lines} lines: something in it wants its own name`);
  }
  for (const name of packages) {
    if (pure && !pure.includes(name)) {
      wrong.push(`'${name}': ${room}/ is pure and may not import it`);
    }
  }
  for (const target of imports) {
    const other = roomOf(target);
    if (!other) {
      wrong.push(`'${target}' lies in no room`);
    } else if (other !== room && !may.includes(other)) {
      wrong.push(`'${target}': ${room}/ may not import ${other}/`);
    }
  }
  return wrong.map((what) => `src/${path}: ${what}`);
}

const shown = (some: readonly Edge[]) => some.map(([from, to]) => `${from} imports ${to}`);

test('every file of src/ keeps to its room', () => {
  assert.ok(files.length > 100 && edges.length > files.length);
  assert.deepEqual(files.flatMap(trespasses), []);
});

test('every row of the table of rooms has files, and names rows only', () => {
  const lived = new Set(files.map(({ path }) => roomOf(path)));
  assert.deepEqual(
    Object.entries(ROOMS).flatMap(([room, { may }]) => [
      ...(lived.has(room) ? [] : [`${room}/ is empty`]),
      ...may.filter((other) => !ROOMS[other]).map((other) => `${room}/ may import ${other}/, which is not there`),
    ]),
    [],
  );
});

test('no files of src/ import each other in a circle, not even types', () => {
  assert.deepEqual(shown(circular(edges)), []);
});

test('a program in main/ exports nothing, a part that one loads late is not imported, and everything else belongs to them', () => {
  const entries = files.filter(({ path }) => /^main\/.*\.(main|late)\.ts$/.test(path));
  assert.deepEqual(
    entries.filter(({ path, exports }) => exports !== path.endsWith('.late.ts')).map(({ path }) => path),
    [],
  );
  const paths = entries.map(({ path }) => path);
  // One that is imported would be in its program's own bundle, and be loaded at every start.
  assert.deepEqual(shown(edges.filter(([, to]) => paths.includes(to))), []);
  const started = reached(edges, paths);
  assert.deepEqual(
    files.filter(({ path }) => path.startsWith('main/') && !started.has(path)).map(({ path }) => path),
    [],
  );
});

test('outside platform/ time goes through Clock', () => {
  assert.deepEqual(
    files
      .filter(({ path, ownTime }) => ownTime.length > 0 && !path.startsWith('platform/'))
      .map(({ path, ownTime }) => `src/${path}: ${ownTime.join(', ')}`),
    [],
  );
});
