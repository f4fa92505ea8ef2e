// Completions of the last word of a line, and the words that a shell gets for it. Real shells: test/system/completion.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/holdfast/commands.ts';
import { allPrograms } from '../../../src/cli/holdfast/parts/programs.ts';
import { wantedWord } from '../../../src/cli/holdfast/text/completion-words.ts';
import { lines } from '../../../src/main/holdfast-programs.late.ts';
import type { CommandLine } from '../../../src/model/command-line.ts';
import { actingAs } from '../../fakes/acting-as.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { person } from '../../fakes/principals.ts';
import { runCommand } from '../../harness/run-command.ts';

const PROGRAMS = allPrograms(COMMANDS, lines);

function wanted(...words: readonly string[]) {
  const program = PROGRAMS.find(({ name }) => name === words[0]) as CommandLine;
  const { words: kind, before, options } = wantedWord(program, words.slice(1));
  return [kind, before, options.length > 0];
}

test('what a word may be: operands, values of options, options', () => {
  for (const [line, kind, before, options] of [
    ['holdfast ', 'command', '', false],
    ['holdfast attach ', 'console', '', false],
    ['holdfast attach rf ', 'nothing', '', true],
    ['holdfast attach --', 'nothing', '', true],
    ['holdfast attach -- -', 'console', '', false],
    ['holdfast --host ', 'host', '', false],
    ['holdfast --host=', 'host', '--host=', false],
    ['holdfast --host ioc1 stop ', 'console', '', false],
    ['holdfast --socket ', 'file', '', false],
    ['holdfast --socket /x/control stop ', 'console', '', false],
    ['holdfast stop a b -g ', 'group', '', false],
    ['holdfast stop -yg', 'nothing', '', true],
    ['holdfast stop -yg x ', 'console', '', false],
    ['holdfast stop -gx', 'group', '-g', false],
    ['holdfast up -c', 'nothing', '', true],
    ['holdfast up --wait-for-holder -c ', 'file', '', false],
    ['holdfast isis send ', 'isis', '', false],
    ['holdfast token revoke a ', 'token', '', false],
    ['holdfast import e3 ', 'file', '', false],
    ['procServ -P 2000 -', 'nothing', '', true],
    ['procServ 2000 ', 'program', '', false],
    ['procServ 2000 cat -', 'file', '', false],
    ['isis -f', 'file', '-f', false],
    ['console -M host ', 'conserver', '', false],
    ['manage-procs --user attach ', 'instance', '', false],
    ['manage-procs add -', 'nothing', '', true],
    ['manage-procs add name cat -', 'file', '', false],
  ] as const) {
    assert.deepEqual(wanted(...line.split(' ')), [kind, before, options], line);
  }
  assert.deepEqual(wanted('holdfast', 'token', 'create', '--may', 'read,')[1], 'read,');
});

test('every option says what it does, and the names of options of a line differ', () => {
  const all = PROGRAMS.flatMap((program) => [program, ...(program.commands ?? [])]);
  assert.ok(all.length > 40);
  for (const { name, options, summary, operands } of all) {
    const words = options.flatMap(({ name: long, short, twin }) => [long && `--${long}`, short, twin].filter(Boolean));
    assert.equal(new Set(words).size, words.length, name);
    assert.ok(options.every(({ help }) => help.length > 5) && summary.length > 10, name);
    assert.ok(operands.length > 0, name);
  }
});

const host = new FakeHost();
host.add('vac-01', { groups: ['vac'] });
host.add('TS:a', { groups: ['ts'] });
host.add('$(reboot)\x1b[31m', {});
host.add('a b', {});
const near = actingAs(host, person('ada'));

async function words(...line: readonly string[]): Promise<readonly string[]> {
  const { out, code } = await runCommand({ client: near }, 'completion', 'words', '--', 'holdfast', ...line);
  assert.equal(code, 0);
  return out.split('\n').slice(0, -1);
}

test('words of the server: names with their states, groups; nothing that a shell or a terminal would not take', async () => {
  assert.deepEqual(await words('attach', ''), ['vac-01\trunning', 'TS:a\trunning']);
  assert.deepEqual(await words('stop', 'vac-01', ''), ['TS:a\trunning']);
  assert.deepEqual(await words('ps', '--group=t'), ['--group=ts']);
  assert.deepEqual(await words('up', '-c', ''), [':file\t']);
  assert.deepEqual(await words('up', '--config=a'), [':file\t--config=']);
  assert.deepEqual(await words('nonsense', 'x'), []);
});

test('completion: a script for each shell, and what is wrong is said', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { out, code } = await runCommand({ client: near }, 'completion', shell);
    assert.equal(code, 0);
    assert.match(out, /execISIS/);
  }
  const { err, code } = await runCommand({ client: near }, 'completion', 'csh');
  assert.deepEqual([code, err], [64, "holdfast: completion: 'csh' is not known; there are bash, zsh, fish\n"]);
});
