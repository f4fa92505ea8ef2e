import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configKeys } from '../../scripts/generate/config-keys.ts';
import { CF_BLOCKS } from '../../scripts/package/conserver-cf.ts';
import { manualPages } from '../../scripts/package/manual-pages.ts';
import { COMMANDS } from '../../src/cli/holdfast/commands.ts';
import { allPrograms } from '../../src/cli/holdfast/parts/programs.ts';
import type { Schema } from '../../src/grammar/text/schema-check.ts';
import { lines } from '../../src/main/holdfast-programs.late.ts';
import { ConfigSchema } from '../../src/model/config-schema.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';

const PAGES = manualPages('1.2.3');
const PROGRAMS = allPrograms(COMMANDS, lines);
/** As a reader sees it, without the macros. */
const textOf = (name: string) =>
  PAGES.find((page) => page.name === name)
    ?.text.replaceAll('\\-', '-')
    .replaceAll(/\\f[BR]/g, '') ?? assert.fail(`no page ${name}`);

test('there is a page for every program and every command, with all options', () => {
  for (const program of PROGRAMS) {
    const all = [
      [program.name, program] as const,
      ...(program.commands ?? []).map((each) => [`holdfast-${each.name}`, each] as const),
    ];
    for (const [page, { options }] of program.name === 'holdfast' ? all : all.slice(0, 1)) {
      const text = textOf(page);
      for (const { name, short, twin, help } of options) {
        const labels = [name && `--${name}`, short && `-${short}`, twin && `-${twin}`].filter(Boolean) as string[];
        for (const label of labels) {
          assert.match(text, new RegExp(`^\\.It .*${label.replace(/[?.]/g, '\\$&')}`, 'm'), `${page}: ${label}`);
        }
        assert.ok(text.includes(help.split(/[ \\^~`]/, 1)[0] as string), `${page}: ${help}`);
      }
    }
  }
  const programs = readdirSync(join(import.meta.dirname, '../../bin')).filter(
    (name) => !/launch|generator|holdfast-/.test(name),
  );
  assert.deepEqual(PROGRAMS.map(({ name }) => name).sort(), programs.sort());
});

test('manage-procs(1) has all subcommands, holdfast.toml(5) all keys', () => {
  const { commands = [] } = PROGRAMS.find(({ name }) => name === 'manage-procs') ?? {};
  assert.ok(commands.length > 5);
  for (const { name } of commands) {
    assert.match(textOf('manage-procs'), new RegExp(`^\\.Ss ${name}`, 'm'));
  }
  const { defaults, server } = ConfigSchema.properties;
  const keys = [defaults, server].flatMap((table) => configKeys(table as unknown as Schema));
  assert.ok(keys.length > 60);
  for (const { name } of keys) {
    assert.ok(textOf('holdfast.toml').includes(`\n.Ss ${name}\n`), name);
  }
});

test('conserver.cf(5) has every keyword of the grammar, and none that there is not', () => {
  const text = textOf('conserver.cf');
  for (const { title, keywords, meanings } of CF_BLOCKS) {
    assert.match(text, new RegExp(`^\\.Ss ${title}$`, 'm'));
    assert.deepEqual(Object.keys(meanings).sort(), [...keywords].sort(), title);
    for (const keyword of keywords) {
      assert.match(text, new RegExp(`^\\.It .*\\b${keyword}\\b`, 'm'));
    }
  }
});

test('mandoc has nothing to say', { skip: missing('mandoc') }, (t) => {
  const folder = temporaryDirectory(t);
  const files = PAGES.map(({ name, section, text }) => {
    const path = join(folder, `${name}.${section}`);
    writeFileSync(path, text);
    return path;
  });
  const lint = spawnSync('mandoc', ['-Tlint', '-W', 'warning', ...files], { encoding: 'utf8' });
  assert.deepEqual([lint.stdout, lint.stderr, lint.status], ['', '', 0]);
  const shown = spawnSync('mandoc', ['-Tascii', '-O', 'width=78', join(folder, 'holdfast-attach.1')], {
    encoding: 'utf8',
  }).stdout;
  assert.match(shown, /key that begins a command, such as \^A, or none \[\^\]\]/);
});
