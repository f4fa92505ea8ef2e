import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { procServConf } from '../../src/grammar/text/procserv-conf.ts';

const read = (...texts: string[]) => procServConf(texts.map((text, index) => ({ file: `f${index}`, text })));

test('an instance with only a command', () => {
  const { instances, problems, unknown } = read('\n[vac]\ncommand = ./st.cmd\n');
  assert.deepEqual([problems, unknown], [[], []]);
  assert.deepEqual(instances, [
    {
      name: 'vac',
      place: { file: 'f0', line: 2 },
      command: './st.cmd',
      chdir: '/',
      user: 'nobody',
      group: 'nogroup',
      port: '0',
      places: new Map([['command', { file: 'f0', line: 3 }]]),
    },
  ]);
});

test('everything, over two files, with a template', () => {
  const first =
    '[DEFAULT]\nuser = ioc\ntop=/opt\n[base]\ninstance=No\nuser = %(broken)s\n[a]\ncommand = %(top)s/a\nport=1\n';
  const second = '[a]\nport = 2000\ngroup = g\nhost = h\nenvironment = "A=1"\nenv_file = /e\nchdir=/c\ninstance = on\n';
  const { instances, templates, problems } = read(first, second);
  assert.deepEqual(problems, []);
  assert.deepEqual(templates, ['base']);
  const [{ places, ...rest } = { places: new Map() }] = instances;
  assert.deepEqual(rest, {
    name: 'a',
    place: { file: 'f0', line: 7 },
    command: '/opt/a',
    host: 'h',
    environment: '"A=1"',
    envFile: '/e',
    chdir: '/c',
    user: 'ioc',
    group: 'g',
    port: '2000',
  });
  assert.deepEqual(places.get('port'), { file: 'f1', line: 2 });
  assert.deepEqual(places.get('user'), { file: 'f0', line: 2 });
});

test('all problems of all files at once, in order', () => {
  const { problems, unknown } = read(
    '[DEFAULT]\nuser = %(nobody)s\n[a]\nchdri = /x\n[b]\ncommand = b\ninstance = maybe\n',
    'x\n[c]\ncommand =\n',
  );
  const lines = (list: typeof problems) =>
    list.map(({ file, line, key, message }) => `${file}:${line} ${key}: ${message}`);
  assert.deepEqual(lines(problems), [
    "f0:2 a.user: %(nobody)s refers to 'nobody', which neither this section nor [DEFAULT] has",
    "f0:3 a.command: needs 'command', or 'instance = false' if others refer to it",
    "f0:7 b.instance: expected true or false, not 'maybe'",
    "f1:1 : expected a section such as [NAME] before 'x'",
    "f1:3 c.command: needs 'command', or 'instance = false' if others refer to it",
  ]);
  assert.deepEqual(lines(unknown), ["f0:4 a.chdri: is not a key of procServ.conf; did you mean 'chdir'?"]);
});

test('never throws', () => {
  const parts = fc.constantFrom(
    '[a]',
    '[b]',
    'command',
    'instance',
    '=',
    'no',
    '%',
    '%(command)s',
    '\n',
    ' ',
    '[DEFAULT]',
  );
  fc.assert(fc.property(fc.array(parts), (list) => void read(list.join(''), '[a]\ncommand = x')));
});
