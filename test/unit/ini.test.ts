import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIni } from '../../src/grammar/text/ini.ts';
import type { ConfigProblem } from '../../src/model/config.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';

/** Sections with their interpolated values; null if there is any problem. */
function values(...texts: string[]): Record<string, Record<string, string | null>> | null {
  const { sections, problems } = parseIni(texts.map((text, index) => ({ file: `f${index}`, text })));
  if (problems.length > 0) {
    return null;
  }
  const all: Record<string, Record<string, string | null>> = Object.create(null);
  for (const [name, section] of sections) {
    const one: Record<string, string | null> = Object.create(null);
    for (const key of section.keys()) {
      one[key] = section.get(key, []) ?? null;
    }
    all[name] = one;
  }
  return all;
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test('sections, comments, values over lines, both separators, names in any case', () => {
  const text = '# c\n[one]\nCommand : a\n   b\n ; c\n\n   c=d\nx = 1 # stays\n\n[two]\n  x==\n  y =\n';
  assert.deepEqual(plain(values(text)), {
    one: { command: 'a\nb\n\nc=d', x: '1 # stays' },
    two: { x: '=', y: '' },
  });
});

test('[DEFAULT], references and later files', () => {
  const first = '[DEFAULT]\ntop = /opt\n[a]\nchdir = %(TOP)s/%(name)s\nname = 100%%\n[b]\nx = 1\n';
  const second = '[a]\nname = n\n[DEFAULT]\ntop = /usr\n';
  assert.deepEqual(plain(values(first, second)), {
    a: { chdir: '/usr/n', name: 'n', top: '/usr' },
    b: { x: '1', top: '/usr' },
  });
});

test('all problems at once, each with its line', () => {
  const text = 'lost = 1\n  more\n[a]\nword\n= 2\nx = 1\nX = 2\n[b]\n[a]\ny = 3\n';
  const { problems, sections } = parseIni([{ file: 'f', text }]);
  assert.deepEqual(
    problems.map(({ line, key, message }) => `${line} ${key}: ${message}`),
    [
      "1 : expected a section such as [NAME] before 'lost = 1'",
      "4 a: expected KEY = VALUE, not 'word'",
      "5 a: expected KEY = VALUE, not '= 2'",
      '7 a.x: given already in line 6; keep one of them',
      '9 a: section [a] given already in line 3; join them',
    ],
  );
  assert.equal(sections.get('a')?.find('y')?.place.line, 10);
});

test('bad references name the value that has them', () => {
  const text = '[a]\nx = %(no)s\ny = 50%\nz = %(z)s\nw = %(y)s\n';
  const { sections } = parseIni([{ file: 'f', text }]);
  const problems: ConfigProblem[] = [];
  for (const key of ['x', 'y', 'z', 'w']) {
    assert.equal(sections.get('a')?.get(key, problems), undefined);
  }
  assert.deepEqual(
    problems.map(({ line, key, message }) => `${line} ${key}: ${message}`),
    [
      "2 a.x: %(no)s refers to 'no', which neither this section nor [DEFAULT] has",
      "3 a.y: '%' begins a reference such as %(name)s; write %% for the character itself, at '%'",
      '4 a.z: values that refer to each other more than 10 deep, or in a circle',
      "5 a.w: '%' begins a reference such as %(name)s; write %% for the character itself, at '%'",
    ],
  );
});

test('values that multiply are stopped', () => {
  const levels = Array.from({ length: 9 }, (_, level) => `l${level} = ${`%(l${level + 1})s`.repeat(20)}`);
  const { sections } = parseIni([{ file: 'f', text: `[a]\n${levels.join('\n')}\nl9 = boom\n` }]);
  const problems: ConfigProblem[] = [];
  sections.get('a')?.get('l0', problems);
  assert.match(problems[0]?.message ?? '', /longer than/);
});

const pieces = fc.constantFrom(
  ...['[a]', '[b]', '[DEFAULT]', '[', ']', 'x', 'y', 'X', '=', ':', ' ', '  ', '\n', '\n', '\n', '\r\n'],
  ...['#', ';', '%', '%%', '%(x)s', '%(y)s', '%(', '1', '__proto__', 'constructor'],
);
const documents = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));

test('never throws', () => {
  fc.assert(fc.property(documents, documents, (one, other) => void values(one, other)));
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER, maxLength: 100 }), (text) => void values(`[a]\n${text}`)));
});

const CONFIGPARSER = `
import configparser, json, sys
out = []
for files in json.load(sys.stdin):
    parser = configparser.ConfigParser()
    try:
        for name in files:
            with open(name, encoding='utf-8') as file: parser.read_file(file)
    except configparser.Error:
        out.append(None)
        continue
    tree = {}
    for section in parser.sections():
        tree[section] = {}
        for key in parser.options(section):
            try: tree[section][key] = parser.get(section, key)
            except configparser.Error: tree[section][key] = None
    out.append(tree)
print(json.dumps(out))`;

test("the same values as Python's configparser", { skip: missing('python3') }, (t) => {
  const folder = temporaryDirectory(t);
  // Half of them begin with a section: otherwise most have none, and contain nothing.
  const samples = fc.sample(fc.tuple(documents, documents, fc.boolean()), 1500).map(([one, other, head]) => {
    return head ? [`[a]\nx=1\n${one}`, `[b]\n${other}`] : [one, other];
  });
  const names = samples.map((pair, index) =>
    pair.map((text, part) => {
      const name = join(folder, `${index}.${part}`);
      writeFileSync(name, text);
      return name;
    }),
  );
  const input = JSON.stringify(names);
  const result = spawnSync('python3', ['-c', CONFIGPARSER], { input, encoding: 'utf8', maxBuffer: 1e8 });
  assert.equal(result.stderr, '');
  const expected = JSON.parse(result.stdout) as unknown[];
  let readable = 0;
  samples.forEach((pair, index) => {
    const mine = values(...(pair as [string, string]));
    readable += mine === null ? 0 : 1;
    assert.deepEqual(plain(mine), expected[index], JSON.stringify(pair));
  });
  assert.ok(readable > 100, `${readable} readable documents`);
});
