// Links between the pages of this repository have a target: a file, and a heading or anchor in it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'bench', 'packaging', 'examples', 'test/fixtures'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
].filter((path) => !path.startsWith('test/fixtures/seeds/'));

/** Without code, in which brackets are not links. */
const prose = (page: string) => page.replace(/^```[\s\S]*?^```/gm, '').replace(/(`+)[\s\S]*?\1/g, 'code');

/** The anchors of a page: explicit ones, and those that GitHub makes of headings. */
function anchorsOf(page: string): Set<string> {
  const written = Array.from(page.matchAll(/<a id="([^"]+)">/g), ([, id]) => id as string);
  const headings = Array.from(page.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .replace(/<[^>]*>/g, '')
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...written, ...headings]);
}

/** The broken links of the page at `path`. */
function brokenLinks(path: string, page: string): string[] {
  return Array.from(prose(page).matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .flatMap((target) => {
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? path : relative(root, join(root, dirname(path), file));
      if (!existsSync(join(root, place))) {
        return [`${path}: ${target}: there is no ${place}`];
      }
      const known = anchor === undefined || !statSync(join(root, place)).isFile();
      return known || anchorsOf(file === '' ? page : readFileSync(join(root, place), 'utf8')).has(anchor)
        ? []
        : [`${path}: ${target}: nothing in ${place} has that anchor`];
    });
}

test('links between pages lead to a file, and to an anchor in it', () => {
  assert.ok(pages.length > 70, `only ${pages.length} pages`);
  assert.deepEqual(
    pages.flatMap((path) => brokenLinks(path, readFileSync(join(root, path), 'utf8'))),
    [],
  );
});

test('a link to a missing file or anchor is found', () => {
  const page =
    '## What `is` it?\n[a](SECURITY.md) [b](#what-is-it) [c](docs/spec/procserv.md#9.4) [d](https://x.y/z)\n';
  assert.deepEqual(brokenLinks('README.md', page), []);
  for (const target of ['SECURTY.md', '#what-it-is', 'docs/spec/procserv.md#9.99', 'docs/nowhere/']) {
    assert.equal(brokenLinks('README.md', `${page}[e](${target})`).length, 1, target);
  }
});
