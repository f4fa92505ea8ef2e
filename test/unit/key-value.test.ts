import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKeyValue, keyValueFile } from '../../src/grammar/text/key-value.ts';
import { ANY_CHARACTER } from '../harness/any-character.ts';

const read = (text: string, known: Record<string, string> = {}) => {
  const { values, problems } = keyValueFile({ file: 'f', text }, new Map(Object.entries(known)));
  return {
    values: Object.fromEntries([...values].map(([name, { value }]) => [name, value])),
    problems: problems.map(({ line, key, message }) => `${line} ${key}: ${message}`),
  };
};

test('assignments, comments, quotes and references', () => {
  const text = [
    '# an IOC',
    'NAME=vac-1 # the name',
    'export PORT="20001"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the shell
    '  CMD=\'a b\'\\ c"d $NAME ${PORT}"',
    'EMPTY=',
    'HOME_DIR=$BASE/x',
    'LINES="one\\',
    'two',
    'three"',
    'PRICE=5$',
    'NAME=last',
  ].join('\r\n');
  assert.deepEqual(read(text, { BASE: '/opt' }), {
    values: {
      NAME: 'last',
      PORT: '20001',
      CMD: 'a b cd vac-1 20001',
      EMPTY: '',
      HOME_DIR: '/opt/x',
      LINES: 'onetwo\nthree',
      PRICE: '5$',
    },
    problems: [],
  });
});

test('text that only a shell can evaluate is reported, and the rest is read', () => {
  const text = 'A=$(hostname)\nB=`id`\nC=a b\nD=$NOPE\n. /etc/x\nE=a;rm x\nF="open\nG=ok';
  assert.deepEqual(read(text), {
    values: {},
    problems: [
      "1 A: '$(hostname)' would be worked out by a shell; write the value itself",
      '2 B: `...` would be run by a shell; write its output',
      "3 C: 'b' is behind the value; put the whole value in quotes",
      '4 D: $NOPE has no value in this file; write the value itself',
      "5 : expected NAME=VALUE, not '. /etc/x'; nothing is executed here",
      "6 E: ';rm x' means something to a shell; put the value in quotes",
      '7 F: no closing "',
    ],
  });
});

test('INI and NAME=VALUE are distinguished by their first entry', () => {
  assert.equal(isKeyValue('# c\n\nIOC_USER="x"\n[a]\n'), true);
  assert.equal(isKeyValue('; c\n[a]\nX=1\n'), false);
  assert.equal(isKeyValue('\n[a]\n'), false);
  assert.equal(isKeyValue(''), false);
});

test('never throws', () => {
  const parts = fc.constantFrom(
    'A=',
    'B=',
    '\n',
    '"',
    "'",
    '\\',
    '$',
    '{A}',
    'A',
    ' ',
    '#',
    ';',
    '`',
    '(',
    'é',
    '__proto__=',
  );
  fc.assert(fc.property(fc.array(parts), (list) => void read(list.join(''))));
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => void read(`A=${text}`)));
});

test('values are those that a shell reads', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the shell
  const parts = fc.constantFrom('"', "'", '\\', '$A', '${A}', 'x', ' ', '#', '%', '~x', '*');
  const samples = fc.sample(fc.array(parts, { maxLength: 8 }), 400).map((list) => list.join(''));
  const understood = samples
    .map((value) => ({ value, mine: read(`A=1\nV=${value}`) }))
    .filter(({ mine }) => 'V' in mine.values);
  assert.ok(understood.length > 50);
  const script = understood.map(({ value }) => `A=1\nV=${value}\nprintf '%s\\0' "$V"\n`).join('');
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.deepEqual(
    understood.map(({ mine }) => mine.values.V),
    stdout.split('\0').slice(0, -1),
  );
});
