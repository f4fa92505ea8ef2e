import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { type Step, tomlPlaces } from '../../src/grammar/text/toml-places.ts';

const DOCUMENT = `# a comment [not.a.table]
title = "x # = [y]"
a.b."c d" = 1
a.'e' = { f = 2, g = [ # comment ] }
  3,
  { h = """
two ] } lines""", i = '''
''' } ] }

[console.vac-01]   # header
run = [
  "iocsh.bash",
  "st.cmd", ]
stop = [{ signal = "INT" },
  { wait = 5 }]
"q\\u0041" = '''one
two'''
last = 1979-05-27 07:32:00
[[list]]
n = 1
[[list]]
n = 2
[list.deep]
m = 3
[ x . "y" ]
`;

const EXPECTED: readonly (readonly [path: readonly Step[], line: number])[] = [
  [['title'], 2],
  [['a', 'b'], 3],
  [['a', 'b', 'c d'], 3],
  [['a', 'e', 'f'], 4],
  [['a', 'e', 'g', 0], 5],
  [['a', 'e', 'g', 1, 'h'], 6],
  [['a', 'e', 'g', 1, 'i'], 7],
  [['console'], 10],
  [['console', 'vac-01'], 10],
  [['console', 'vac-01', 'run', 1], 13],
  [['console', 'vac-01', 'stop', 0, 'signal'], 14],
  [['console', 'vac-01', 'stop', 1, 'wait'], 15],
  [['console', 'vac-01', 'qA'], 16],
  [['console', 'vac-01', 'last'], 18],
  [['list', 0], 19],
  [['list', 1, 'n'], 22],
  [['list', 1, 'deep', 'm'], 24],
  [['x', 'y'], 25],
];

for (const [path, line] of EXPECTED) {
  test(`line of ${path.join('.')}`, () => assert.equal(tomlPlaces(DOCUMENT).line(path), line));
}

test('a missing key has no line, and the nearest is the table around it', () => {
  const places = tomlPlaces(DOCUMENT);
  assert.equal(places.line(['console', 'vac-01', 'chdir']), undefined);
  assert.equal(places.nearest(['console', 'vac-01', 'chdir', 'x']), 10);
  assert.equal(places.nearest(['nothing']), 1);
});

/** Every path of a parsed document, leaves and tables. */
function* paths(value: unknown, path: Step[] = []): Generator<Step[]> {
  if (path.length > 0) {
    yield path;
  }
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      yield* paths(element, [...path, index]);
    }
  } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    for (const [key, element] of Object.entries(value)) {
      yield* paths(element, [...path, key]);
    }
  }
}

test('the document above: every key that the parser finds has a line', () => {
  for (const path of paths(parse(DOCUMENT))) {
    assert.notEqual(tomlPlaces(DOCUMENT).line(path), undefined, path.join('.'));
  }
});

/** Documents as if written by hand: each pair knows the line of its key. */
interface Written {
  readonly text: string;
  readonly lines: readonly (readonly [path: Step[], line: number])[];
}

const key = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/).map((name) => [name, name] as const),
  fc.string({ maxLength: 5 }).map((name) => [name, JSON.stringify(name).replaceAll('\x7f', '\\u007f')] as const),
  fc.stringMatching(/^[ a-z.#=[\]{}"]{1,5}$/).map((name) => [name, `'${name}'`] as const),
);

/** A value: its text, and the places within it relative to its first line. */
const { value } = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc
      .constantFrom(
        ...[
          '1',
          '-2.5e3',
          'true',
          '07:32:00',
          '"a # ] } , = \\" b"',
          "'c:\\'",
          '"""\none ] "" \\""" \ntwo"""',
          "'''\n\n''x'''",
        ],
        ...['""', "''", '""""""', '"""a""""', "''''b'''''", '1979-05-27T07:32:00Z', '0xff', '"""\\\n   folded"""'],
      )
      .map((text) => ({ text, lines: [] })),
    fc
      .array(fc.tuple(fc.constantFrom('', ' ', '\n', ' # no, ] or }\n'), tie('value')), { maxLength: 3 })
      .map((elements) => {
        let text = '[';
        const lines: [Step[], number][] = [];
        for (const [index, [space, element]] of elements.entries()) {
          text += space;
          const line = count(text);
          lines.push(
            [[index], line],
            ...element.lines.map(([path, at]): [Step[], number] => [[index, ...path], line + at]),
          );
          text += `${element.text}${space},`;
        }
        return { text: `${text}]`, lines };
      }),
    fc.uniqueArray(fc.tuple(key, tie('value')), { maxLength: 3, selector: ([[name]]) => name }).map((pairs) => {
      let text = '{';
      const lines: [Step[], number][] = [];
      for (const [index, [[name, written], element]] of pairs.entries()) {
        text += index > 0 ? ', ' : ' ';
        const line = count(text);
        lines.push(
          [[name], line],
          ...element.lines.map(([path, at]): [Step[], number] => [[name, ...path], line + at]),
        );
        text += `${written} = ${element.text}`;
      }
      return { text: `${text} }`, lines };
    }),
  ),
}));

const count = (text: string) => text.split('\n').length - 1;

const written = fc
  .uniqueArray(
    fc.tuple(
      key,
      fc.boolean(),
      fc.uniqueArray(fc.tuple(key, value), { maxLength: 4, selector: ([[name]]) => name }),
      fc.constantFrom('', '\n', '# c = 1\n', '\r\n'),
    ),
    { maxLength: 4, selector: ([[name]]) => name },
  )
  .map((tables): Written => {
    let text = '';
    const lines: [Step[], number][] = [];
    for (const [[name, quoted], isArray, pairs, space] of tables) {
      text += space;
      const table: Step[] = isArray ? [name, 0] : [name];
      lines.push([table, count(text) + 1]);
      text += isArray ? `[[${quoted}]]\n` : `[ ${quoted} ] # c\n`;
      for (const [[inner, quotedInner], { text: valueText, lines: within }] of pairs) {
        text += space;
        const line = count(text) + 1;
        lines.push([[...table, inner], line]);
        lines.push(...within.map(([path, at]): [Step[], number] => [[...table, inner, ...path], line + at]));
        text += `${quotedInner} = ${valueText}\n`;
      }
    }
    return { text, lines };
  });

test('generated documents: the parser finds the same keys, each on the line where it was written', () => {
  let lines = 0;
  fc.assert(
    fc.property(written, (document) => {
      const places = tomlPlaces(document.text);
      for (const path of paths(parse(document.text))) {
        assert.notEqual(places.line(path), undefined, `${path.join('.')} in\n${document.text}`);
      }
      for (const [path, line] of document.lines) {
        lines++;
        assert.equal(places.line(path), line, `${path.join('.')} in\n${document.text}`);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(lines > 1000, `the documents were empty: ${lines} lines`);
});

test('any text is read to its end', () => {
  const pieces = fc.constantFrom('[', ']', '{', '}', '=', ',', '"', '"""', "'", "'''", '\n', '.', '#', 'a', '\\', ' ');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
      ),
      (text) => {
        tomlPlaces(text).nearest(['a', 0, 'b']);
      },
    ),
    { numRuns: 2000 },
  );
  tomlPlaces('['.repeat(100_000));
  tomlPlaces(`a = ${'{b='.repeat(10_000)}`);
});
