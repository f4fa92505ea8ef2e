// The coverage of src/ by the unit tests, by room. Lines are those of the file, comments included, as V8 counts them;
// it knows no branches in a function that never ran. A file that no test loads counts in full, unless it contains only
// types.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SourceFile, sourceFiles } from '../../test/harness/source-files.ts';
import { ROOMS, roomOf } from '../../test/rooms.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Covered and total lines, functions, branches, and loaded files. */
interface Reach {
  readonly name: string;
  readonly counts: Readonly<
    Record<'lines' | 'functions' | 'branches' | 'files', readonly [reached: number, of: number]>
  >;
}

const COLUMNS = ['lines', 'functions', 'branches', 'files'] as const;

/** Runs the unit tests; returns their coverage as lcov. */
function lcov(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-coverage-'));
  try {
    const file = join(folder, 'lcov');
    const reporters = [
      ['dot', 'stderr'],
      ['lcov', file],
    ].flatMap(([name, to]) => [`--test-reporter=${name}`, `--test-reporter-destination=${to}`]);
    const cover = ['--experimental-test-coverage', '--test-coverage-include=src/**'];
    const words = ['--import', './test/harness/left-open.ts', '--test', ...cover, ...reporters];
    const { status } = spawnSync(process.execPath, [...words, 'test/unit/**/*.test.ts'], {
      cwd: root,
      stdio: 'inherit',
    });
    process.exitCode = status ?? 1;
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The records of an lcov file, by path below `src/`. */
function records(text: string): Map<string, Reach> {
  return new Map(
    text
      .split('end_of_record\n')
      .filter((record) => record.includes('SF:src/'))
      .map((record) => {
        const [, name = ''] = /^SF:src\/(.*)$/m.exec(record) ?? [];
        const count = (key: string) => Number(new RegExp(`^${key}:(\\d+)$`, 'm').exec(record)?.[1]);
        return [
          name,
          {
            name,
            counts: {
              lines: [count('LH'), count('LF')],
              functions: [count('FNH'), count('FNF')],
              branches: [count('BRH'), count('BRF')],
              files: [1, 1],
            },
          },
        ];
      }),
  );
}

function unloaded({ path, lines, functions }: SourceFile): Reach {
  return { name: path, counts: { lines: [0, lines], functions: [0, functions], branches: [0, 0], files: [0, 1] } };
}

function sum(name: string, parts: readonly Reach[]): Reach {
  const total = (column: (typeof COLUMNS)[number]) =>
    [0, 1].map((n) => parts.reduce((all, { counts }) => all + (counts[column][n] as number), 0)) as [number, number];
  return {
    name,
    counts: {
      lines: total('lines'),
      functions: total('functions'),
      branches: total('branches'),
      files: total('files'),
    },
  };
}

const percent = ([reached, of]: readonly [number, number]) =>
  of === 0 ? '-' : `${((100 * reached) / of).toFixed(1)}%`;

function print(title: string, rows: readonly Reach[]): void {
  const width = Math.max(title.length, ...rows.map(({ name }) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(width)}${cells.map((cell) => cell.padStart(11)).join('')}\n`;
  process.stdout.write(`\n${line(title, [...COLUMNS, 'lines'])}`);
  for (const { name, counts } of rows) {
    const { lines, functions, branches, files } = counts;
    process.stdout.write(
      line(name, [percent(lines), percent(functions), percent(branches), files.join('/'), String(lines[1])]),
    );
  }
}

// Arguments of the command line: folders of src/, or path prefixes there, whose files are shown one by one.
const known = records(lcov());
const reaches = sourceFiles()
  .filter(({ code }) => code)
  .map((file) => known.get(file.path) ?? unloaded(file))
  .sort((a, b) => a.name.localeCompare(b.name));
for (const word of process.argv.slice(2)) {
  print(
    word,
    reaches.filter(({ name }) => name.startsWith(word)),
  );
}
const rooms = Map.groupBy(reaches, ({ name }) => roomOf(name));
print('room', [...Object.keys(ROOMS).map((room) => sum(room, rooms.get(room) ?? [])), sum('all', reaches)]);
