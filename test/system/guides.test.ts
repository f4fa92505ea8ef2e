/** README, guides and reference: every command of a console block is run, and has to print what the page shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { blocksOf } from '../harness/guide.ts';
import { GuideWorld, type PageOptions } from '../harness/guide-world.ts';

const ROOT = join(import.meta.dirname, '../..');

const pages: Readonly<Record<string, PageOptions>> = {
  'docs/guide/host-server.md': {},
};

for (const [path, options] of Object.entries(pages)) {
  test(`${path} is true`, async (t) => {
    const world = await GuideWorld.make(t, options);
    const blocks = blocksOf(readFileSync(join(ROOT, path), 'utf8'));
    for (const block of world ? blocks.filter(({ marks }) => !marks.has('not run')) : []) {
      await world?.follow(block);
    }
  });
}
