import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/holdfast/commands.ts';
import { completionScript } from '../../../src/cli/holdfast/text/completion-script.ts';

/** A `holdfast` that knows two hosts, a console here and one there. */
const STUB = `holdfast() { case "$*" in
  "login --quiet") echo ioc1 ioc2;;
  "--host=ioc1 ps --quiet") echo far-01;;
  "ps --quiet") echo near-01;;
esac; }`;

test('bash completes hosts, and consoles of the host that is named', () => {
  for (const [words, completed] of [
    [['--host', 'i'], 'ioc1 ioc2'],
    [['--host', 'ioc1', 'sto'], 'stop'],
    [['--host', 'ioc1', 'stop', 'f'], 'far-01'],
    [['stop', 'n'], 'near-01'],
    [['ps', '--host', 'ioc1'], 'ioc1'],
    [['logout', 'i'], 'ioc1 ioc2'],
    [['--h'], '--host'],
  ] as const) {
    const ask = `${STUB}\n${completionScript('bash', COMMANDS)}
      COMP_WORDS=(holdfast ${words.join(' ')}); COMP_CWORD=${words.length}; _holdfast; echo "\${COMPREPLY[*]}"`;
    assert.equal(execFileSync('bash', ['-c', ask], { encoding: 'utf8' }).trim(), completed, words.join(' '));
  }
});
