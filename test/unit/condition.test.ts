// The condition of a console, the order of trouble, and the line that counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConditions } from '../../src/cli/holdfast/parts/doctor-checks.ts';
import { columnNamed, consoleTable, inOrder, parseColumns } from '../../src/cli/holdfast/text/console-columns.ts';
import { width } from '../../src/cli/holdfast/text/display.ts';
import { leftOutNotes, summaryLine, troubleNotes } from '../../src/cli/holdfast/text/overview.ts';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { byUrgency, conditionOf, isTrouble } from '../../src/model/condition.ts';
import { linkFaultText } from '../../src/model/link-fault.ts';
import { PROCESS_STATES } from '../../src/model/process.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const view = { columns: 80, color: false, now: () => NOW };
const refused = { text: 'connection refused', since: '2026-11-21T09:57:00.000Z' };

function console(name: string, overrides: Partial<ConsoleSummary> = {}): ConsoleSummary {
  return {
    ...{ name, kind: 'run', state: 'ready', since: '2026-11-21T09:00:00Z', restarts: { hour: 0, total: 0 } },
    ...{ sessions: 0, lastLine: '', groups: [], description: '', labels: {} },
    ...overrides,
  };
}

const dark = (name: string) =>
  console(name, { kind: 'tcp', state: 'waiting', startTrouble: refused, since: '2026-11-21T09:59:59Z' });

test('what is up and was restarted is flapping, a link that cannot be connected is dark, all else is its state', () => {
  const seen = PROCESS_STATES.map((state) => conditionOf(console('c', { state, flapping: true })));
  assert.deepEqual(
    PROCESS_STATES.filter((_, at) => seen[at] === 'flapping'),
    ['starting', 'running', 'ready'],
  );
  const links = PROCESS_STATES.map((state) =>
    conditionOf(console('c', { kind: 'telnet', state, startTrouble: refused })),
  );
  assert.deepEqual(
    PROCESS_STATES.filter((_, at) => links[at] === 'dark'),
    ['starting', 'waiting'],
  );
  assert.equal(
    conditionOf(console('c', { state: 'waiting', startTrouble: refused })),
    'waiting',
    'a process is not dark',
  );
});

test('flapping and dark stand with the trouble, above what is in progress and up', () => {
  const consoles = [
    console('up'),
    console('flaps', { flapping: true }),
    dark('link'),
    console('held', { state: 'held' }),
    console('dead', { state: 'failed' }),
    console('begins', { state: 'starting' }),
    console('unlogged', { logTrouble: refused }),
  ];
  const order = [...consoles].sort(byUrgency).map(({ name }) => name);
  assert.deepEqual(order, ['dead', 'link', 'flaps', 'begins', 'held', 'unlogged', 'up']);
  assert.deepEqual(
    consoles.filter(isTrouble).map(({ name }) => name),
    ['flaps', 'link', 'dead', 'unlogged'],
  );
});

test('the first line counts, those that are up before the rest; colours only when asked', () => {
  const many = Array.from({ length: 23 }, (_, at) => console(`ioc-${at}`));
  const all = [console('h', { state: 'held' }), ...many, console('x', { state: 'crash-looping' })];
  assert.equal(summaryLine(all, view), '25 consoles: 23 ready, 1 crash-looping, 1 held');
  assert.equal(summaryLine([], view), '0 consoles');
  assert.equal(summaryLine([dark('a')], view), '1 console: 1 dark');
  assert.ok(summaryLine([dark('a')], { color: true }).includes('\x1b[33m1 dark'));
});

test('a link that is dark looks like a link', () => {
  const [, line = ''] = consoleTable([dark('ts-3')], parseColumns(undefined), { host: 'h', uses: new Map() }, view);
  assert.match(line, /^ts-3 +dark +3m +0 +- +connection refused since 3m$/);
  assert.equal(
    linkFaultText({ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.0.0.3:4001' }),
    'connection refused',
  );
  assert.equal(
    linkFaultText({ code: 'EWHATEVER', message: '' }),
    'EWHATEVER',
    'Node gives several failures no message',
  );
  assert.equal(linkFaultText({ message: 'no answer' }), 'no answer');
});

test('columns: those that are named, or added to the usual ones; unknown ones are refused with all there are', () => {
  assert.deepEqual(parseColumns('name,PID'), ['name', 'pid']);
  assert.deepEqual(parseColumns('+pid,name'), ['name', 'state', 'since', 'restarts', 'writer', 'pid', 'last']);
  assert.throws(() => parseColumns('name,load'), /no column 'load', but name, state, .*memory/);
  assert.throws(() => columnNamed('constructor', '--sort'), /no column 'constructor'/);
  const use = { cpuPercent: 12.34, cpuSeconds: 3700, memoryBytes: 5 << 20, processes: 2 };
  const beside = { host: 'ioc-host', uses: new Map([['a', use]]) };
  const names = parseColumns('name,pid,cpu,cputime,memory,procs,group,labels,host');
  const rows = [
    console('a', { pid: 7, groups: ['vac', 'sim'], labels: { rack: '7', 'x\x1b[2J': 'y\n' } }),
    console('b', { kind: 'tcp' }),
  ];
  const wide = consoleTable(rows, names, beside, { ...view, columns: Number.POSITIVE_INFINITY });
  assert.deepEqual(wide[1]?.split(/ {2,}/), [
    'a',
    '7',
    '12.3',
    '1h1m',
    '5.0 MiB',
    '2',
    'vac,sim',
    'rack=7,x=y',
    'ioc-host',
  ]);
  assert.deepEqual(wide[2]?.split(/ {2,}/), ['b', '-', '-', '-', '-', '-', '-', '-', 'ioc-host']);
  for (const line of consoleTable(rows, names, beside, view)) {
    assert.ok(width(line) <= 80, line);
  }
});

test('sorted by a column: the largest first, those without a value last, equal ones by name', () => {
  const rows = ['c10', 'c9', 'busy', 'none'].map((name) => console(name, { restarts: { hour: 0, total: 1 } }));
  const uses = new Map([
    ['c10', { cpuPercent: 1 }],
    ['c9', { cpuPercent: 1 }],
    ['busy', { cpuPercent: 99 }],
  ]);
  const order = (by: 'cpu' | 'group', reverse = false) =>
    inOrder(rows, { by, reverse }, { host: '', uses }, view).map(({ name }) => name);
  assert.deepEqual(order('cpu'), ['busy', 'c9', 'c10', 'none']);
  assert.deepEqual(order('cpu', true), ['none', 'c10', 'c9', 'busy']);
  assert.deepEqual(order('group'), ['busy', 'c9', 'c10', 'none']);
});

test('below the table: what is dark, not logged, left out; many are counted', () => {
  const darks = Array.from({ length: 7 }, (_, at) => dark(`ts-${at}`));
  assert.deepEqual(troubleNotes([...darks, console('a')]), [
    '7 links are dark: ts-0, ts-1, ts-2, ts-3, ts-4 and 2 more',
  ]);
  assert.match(
    troubleNotes([console('a', { logTrouble: refused })])[0] ?? '',
    /^not logged: a since 2026-11-21 \d\d:57:00$/,
  );
  assert.deepEqual(troubleNotes([console('a')]), []);
  const problem = { file: '/etc/h.toml', line: 3, key: 'discover.iocs', message: 'the folder a b cannot be a name' };
  assert.match(leftOutNotes({ leftOut: [problem] })[0] ?? '', /^left out of the configuration: \/etc\/h.toml:3.*a b/);
  assert.match(leftOutNotes({ leftOut: [problem, problem] })[0] ?? '', /^2 parts are left out .*'holdfast doctor'/);
  assert.deepEqual(leftOutNotes({}), []);
});

test('the doctor names links that are dark, consoles that are flapping, and those that stay down', () => {
  const findings = checkConditions([
    dark('ts'),
    console('f', { flapping: true, restarts: { hour: 3, total: 3 } }),
    console('a'),
    console('c', { state: 'crash-looping' }),
    console('d', { state: 'failed' }),
    console('h', { state: 'held' }),
    console('w', { state: 'waiting' }),
    console('n', { state: 'waiting', startTrouble: refused }),
  ]);
  assert.deepEqual(
    findings.map(({ check, verdict }) => [check, verdict]),
    [
      ['link ts', 'warning'],
      ['console f', 'warning'],
      ['console c', 'warning'],
      ['console d', 'warning'],
      ['console n', 'warning'],
    ],
  );
  assert.match(findings.at(-1)?.text ?? '', /^not started since 2026-11-21 \d\d:57:00: connection refused$/);
  assert.match(findings[0]?.text ?? '', /^cannot be connected since 2026-11-21 \d\d:57:00: connection refused$/);
});
