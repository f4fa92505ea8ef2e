/** The comparison of pages with programs: the differences that it tolerates, and those that it does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Block, blocksOf, stepsOf, typedOf, untrue } from '../harness/guide.ts';

const SHOWN = ['vac-01: ready for 4m33s (pid 3480)', '...', '  log    /tmp/holdfast-pfR0Fh/log/vac-01.log'];
const PRINTED = 'vac-01: ready for 3s (pid 17)\n  since  2026-11-29\n  log  /tmp/holdfast-Ab12Cd/log/vac-01.log\n';

test('numbers, times, folders of mktemp and widths of columns may differ', () => {
  assert.equal(untrue(SHOWN, PRINTED), undefined);
  assert.equal(
    untrue(['held until 2026-11-21T13:30:06.145Z: rack'], 'held until 2026-12-01T01:00:00.001Z: rack\n'),
    undefined,
  );
  assert.equal(untrue(['Sat Nov 21 10:14:03 2026'], 'Sun Nov 29  9:14:03 2026\n'), undefined);
});

test('what was shown for a moment only may be there or not', () => {
  assert.equal(untrue(['made'], 'reading\r\x1b[Kreading 2\r\x1b[Kmade\n'), undefined);
});

test('a word, an additional or missing line, or the order may not', () => {
  assert.equal(untrue(SHOWN, PRINTED.replace('ready', 'running')), SHOWN[0]);
  assert.match(untrue(SHOWN, `${PRINTED}one more\n`) ?? '', /one more/);
  assert.equal(untrue(['a', 'b'], 'a\n'), 'b');
  assert.equal(untrue(['a', '...', 'b', 'c'], 'a\nc\nb\n'), 'c');
  assert.equal(untrue([], ''), undefined);
});

test('nor may a status, a signal, or the number in a name', () => {
  for (const [shown, printed] of [
    ['75', '0'],
    ['status 139', 'status 0'],
    ['Normal exit status = 3', 'Normal exit status = 0'],
    ['exit code 3; pid 17', 'exit code 2; pid 17'],
    ['killed by signal 11', 'killed by signal 9'],
    ['choices are vac-01, vac-02', 'choices are vac-02, vac-01'],
  ] as const) {
    assert.equal(untrue([shown], `${printed}\n`), shown);
    assert.equal(untrue([shown], `${shown}\r\n`), undefined);
  }
});

test('the heartbeat of examples/sim-ioc may come at any moment', () => {
  const beat = '\rVAC:Pressure 1.02e-08 mbar  up 30 s\r\nepics> ';
  assert.equal(untrue(['epics> dbl', 'VAC:Pressure'], `epics> ${beat}dbl\r\nVAC:Pressure\r\n`), undefined);
});

test('only marks before a block count', () => {
  const page =
    'Text.\n\n<!-- run: touch a -->\n<!-- typed: "x^M" -->\n\n```console\n$ cat\nx\n```\n\n```toml\na = 1\n```\n';
  const [first, second] = blocksOf(page) as [Block, Block];
  assert.deepEqual(
    [...first.marks],
    [
      ['run', 'touch a'],
      ['typed', '"x^M"'],
    ],
  );
  assert.deepEqual([second.language, second.text, second.marks.size], ['toml', 'a = 1\n', 0]);
  assert.throws(() => blocksOf('<!-- runs: touch a -->\n```console\n$ cat\n```\n'), /no such mark/);
});

test('commands continue over lines; text before the first belongs to the program that still runs', () => {
  const steps = stepsOf({ language: 'console', text: 'more\n$ a \\\n    b\nout\n# c\n> d\n', marks: new Map() });
  assert.deepEqual(steps, [
    { prompt: '$', command: '', shown: ['more'] },
    { prompt: '$', command: 'a \\\n    b', shown: ['out'] },
    { prompt: '#', command: 'c\nd', shown: [] },
  ]);
  const [only] = stepsOf({ language: 'console', text: '$ cat\n# a comment\n', marks: new Map() }, ['$']);
  assert.deepEqual(only?.shown, ['# a comment']);
});

test('keys are in the notation of procServ', () => {
  assert.deepEqual(typedOf('"dbl^M" after "epics>" echoed "^]"'), [
    { keys: 'dbl\r', after: 'epics>', echoed: false },
    { keys: '\x1d', after: '', echoed: true },
  ]);
});
