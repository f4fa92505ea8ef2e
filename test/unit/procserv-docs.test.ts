import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OPTIONS } from '../../src/cli/procserv/options.ts';

const page = readFileSync(new URL('../../docs/reference/procServ.md', import.meta.url), 'utf8');
const section = page.slice(page.indexOf('\n## Options\n'), page.indexOf('\n### Keys\n'));
const [original = '', added = ''] = section.split('Added by Holdfast:');

/** First cells of the rows that document an option. */
function documented(text: string): string[] {
  return Array.from(text.matchAll(/^\| `(-[^`]*)` +\|/gm), (match) => match[1] as string).sort();
}

/** How the page writes an option: names and argument, as `--help` does. */
function written(ours: boolean): string[] {
  return OPTIONS.filter((option) => (option.added ?? false) === ours)
    .map(({ name, short, argument, value }) => {
      const shown = argument === 'none' ? '' : argument === 'optional' ? `[=${value}]` : ` ${value}`;
      return `${short === undefined ? '' : `-${short}, `}--${name}${shown}`;
    })
    .sort();
}

test('docs/reference/procServ.md lists the options of procServ as they are', () => {
  assert.deepEqual(documented(original), written(false));
});

test('docs/reference/procServ.md lists our options as they are', () => {
  assert.deepEqual(documented(added), written(true));
});
