// Help at 80 columns, examples that are true, names that come near, and words of other tools.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../../src/cli/holdfast/command/arguments.ts';
import { COMMANDS } from '../../../src/cli/holdfast/commands.ts';
import { resolve } from '../../../src/cli/holdfast/parts/select.ts';
import { EXAMPLES } from '../../../src/cli/holdfast/text/examples.ts';
import { commandHelp, overview } from '../../../src/cli/holdfast/text/help-text.ts';
import { commandName } from '../../../src/cli/holdfast/text/synonyms.ts';
import { shellWords } from '../../../src/grammar/text/shell-words.ts';
import { actingAs } from '../../fakes/acting-as.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { person } from '../../fakes/principals.ts';
import { runCommand } from '../../harness/run-command.ts';

const SITE = { columns: 80, docs: '/opt/holdfast/docs' };

test('no line of help is wider than 80 columns, on a terminal or through a pipe', () => {
  for (const columns of [80, 200, Number.POSITIVE_INFINITY]) {
    for (const text of [
      overview(COMMANDS, { ...SITE, columns }),
      ...COMMANDS.map((each) => commandHelp(each, { ...SITE, columns })),
    ]) {
      const wide = text.split('\n').filter((line) => line.length > 80);
      assert.deepEqual(wide, []);
      assert.match(text, /\n$/);
    }
  }
});

test('help breaks at words, and says where the documents are', () => {
  const help = commandHelp(COMMANDS.find(({ name }) => name === 'stop') as (typeof COMMANDS)[number], {
    ...SITE,
    columns: 60,
  });
  assert.ok(
    help.split('\n').every((line) => line.length <= 60 || line.startsWith('usage:')),
    help,
  );
  assert.match(help, /^ {2}-g, --group GROUP {9}the consoles of this group$/m);
  assert.match(help, /More: man holdfast-stop/);
  assert.match(overview(COMMANDS, SITE), /man holdfast.*\/opt\/holdfast\/docs\n$/s);
});

test('every command has examples, each of which it takes', () => {
  const without = COMMANDS.filter(({ name }) => (EXAMPLES[name]?.length ?? 0) === 0).map(({ name }) => name);
  assert.deepEqual(without, [], 'add some to src/cli/holdfast/text/examples.ts');
  for (const command of COMMANDS) {
    for (const [line, what] of EXAMPLES[command.name] ?? []) {
      assert.ok(line.length <= 76 && what.length > 4, line);
      const [, words = ''] = /\bholdfast (.*?)(?: [|>] .*|\))?$/.exec(line) ?? [];
      const [name, ...rest] = shellWords(words).words ?? [];
      assert.equal(name, command.name, line);
      assert.doesNotThrow(() => parseArguments(command, rest), line);
    }
  }
});

const names = ['rf-01', 'rf-02', 'vac-01', 'TS:vac.1', 'cryo'];

test('a name that is not there: what it may have meant is said, and nothing is done', async () => {
  for (const [word, said] of [
    ['rf-1', /'rf-1'; did you mean rf-01\?$/],
    ['RF-01', /did you mean rf-01\?$/],
    ['rf_02', /did you mean rf-02\?$/],
    ['RF', /did you mean rf-01 or rf-02\?$/],
    ['vca-01', /did you mean vac-01\?$/],
    ['ts:vac.1', /did you mean TS:vac\.1\?$/],
    ['llrf', /'holdfast ps' lists them$/],
    ['all', /'\*' means all of them$/],
  ] as const) {
    assert.throws(() => resolve(word, names), said, word);
  }
  const host = new FakeHost();
  for (const name of names) {
    host.add(name, { groups: ['cryo-plant'] });
  }
  const client = actingAs(host, person('ada'));
  const { code, err } = await runCommand({ client }, 'stop', 'RF-01');
  assert.deepEqual([code, err], [66, "holdfast: stop: no console is called 'RF-01'; did you mean rf-01?\n"]);
  const grouped = await runCommand({ client }, 'stop', '--group', 'cryo');
  assert.match(grouped.err, /no console is in group 'cryo'; did you mean cryo-plant\?/);
  assert.ok(host.calls.every(({ verb }) => verb !== 'stop'));
});

test('words of other tools: an alias where it does the same, otherwise what to type', async () => {
  const client = actingAs(new FakeHost(), person('ada'));
  for (const alias of ['list', 'ls', 'log', 'console']) {
    assert.ok(
      COMMANDS.some(({ name }) => name === commandName(alias)),
      alias,
    );
    const { code, out } = await runCommand({ client }, alias, '--help');
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^usage: holdfast ${commandName(alias)}`));
  }
  for (const [typed, hint] of [
    ['tail', /logs -f/],
    ['kill', /signal NAME --signal KILL/],
    ['constructor', /'holdfast help' lists them/],
    ['strat', /did you mean 'start'\?/],
  ] as const) {
    const { code, err } = await runCommand({ client }, typed, 'x');
    assert.equal(code, 64);
    assert.match(err, hint);
  }
});
