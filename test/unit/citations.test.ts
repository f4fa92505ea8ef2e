import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clausesOf, misnumbered, wrongCitations } from '../citations.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const spec = join(root, 'docs/spec');
const texts = readdirSync(spec)
  .filter((name) => name !== 'README.md')
  .map((name) => [name.replace(/\.md$/, ''), readFileSync(join(spec, name), 'utf8')] as const);
const pages = new Map(texts.map(([name, text]) => [name, clausesOf(text)]));

/** Files with citations; the test of citations itself has wrong ones. */
const FOLDERS = ['src', 'native', 'test', 'bench', 'scripts', 'packaging', 'bin', 'docs', 'examples', 'web'];
const OTHERS = /^(test\/(fixtures\/|citations\.ts|unit\/citations\.test\.ts)|docs\/(spec|reference)\/|.*\.png$)/;

function cited(): string[] {
  const pages = readdirSync(root).filter((name) => name.endsWith('.md'));
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  return [...pages, ...below].filter((path) => !OTHERS.test(path));
}

test('every citation of docs/spec has the standard form, and its clause exists', () => {
  const wrong: string[] = [];
  let found = 0;
  for (const path of cited()) {
    const text = readFileSync(join(root, path), 'latin1');
    found += text.split('spec/').length - 1;
    wrong.push(...wrongCitations(text, pages).map((fault) => `${path}: ${fault}`));
  }
  assert.ok(found > 100, `only ${found} citations were looked at`);
  assert.deepEqual(wrong, []);
});

test('every clause has one anchor, with the number that it shows', () => {
  for (const [name, text] of texts) {
    const clauses = clausesOf(text);
    assert.deepEqual(new Set(clauses).size, clauses.length, `docs/spec/${name}.md has an anchor twice`);
    assert.deepEqual(misnumbered(text), [], `docs/spec/${name}.md`);
  }
});

const known = new Map([['procserv', ['9', '9.4', '9.5', 'A']]]);

test('citations in the right form are taken apart whole', () => {
  for (const text of [
    '(spec/procserv.md 9.4)',
    'spec/procserv.md 9, 9.4 to 9.5 and appendix A',
    'broken\n * (spec/procserv.md\n * 9.4, 9)',
    'as RFC 1143 section 7 says',
    '[the pages](docs/spec/README.md)',
  ]) {
    assert.deepEqual(wrongCitations(text, known), [], text);
  }
});

test('a citation that does not resolve, or has another form, is found', () => {
  for (const text of [
    '(spec/procserv.md 9.6)',
    'spec/procserv.md 9, 9.4 to 10',
    'spec/procserv.md appendix B',
    'spec/prokserv.md 9.4',
    'spec/procserv.md says so',
    '(reference procserv.md 9.4)',
    'procserv.md, section 9',
    'docs/spec/procserv.md 9.4',
    '// (reference 9.4)',
    '/** Section 9: ends.\n */',
    'every fault\n * of appendix A',
    'the defect 13.5',
    '(design invariant 5)',
  ]) {
    assert.equal(wrongCitations(text, known).length > 0, true, text);
  }
});

test('an anchor with another number than its heading, and a heading without one, are found', () => {
  assert.deepEqual(
    misnumbered(
      '## <a id="9"></a>9 Child\n1. <a id="9.1"></a>x\n- <a id="8.2"></a>8.2 **y**\n## <a id="A"></a>Appendix A: z',
    ),
    [],
  );
  for (const line of [
    '## 9 Child',
    '## <a id="9"></a>10 Child',
    '2. <a id="9.1"></a>x',
    '- <a id="8.1"></a>8.2 y',
    '## Appendix B: z',
  ]) {
    assert.equal(misnumbered(line).length, 1, line);
  }
});
