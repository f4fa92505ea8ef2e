// `holdfast top` without a terminal: keys and news in, state and requests out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTIONS } from '../../../src/cli/holdfast/top/actions.ts';
import { type Key, KeyReader } from '../../../src/cli/holdfast/top/keys.ts';
import { CHUNK_LINES, FROM_LOG, linesIn, topLine } from '../../../src/cli/holdfast/top/pane.ts';
import {
  listRows,
  type News,
  type Pane,
  paneRows,
  type Request,
  type Top,
  topOf,
} from '../../../src/cli/holdfast/top/state.ts';
import { step } from '../../../src/cli/holdfast/top/step.ts';
import type { ConsoleSummary } from '../../../src/model/api.ts';
import { consoleSummary } from '../../harness/top-world.ts';

const NOW = Date.parse('2026-11-30T07:00:00Z');

/** A `top` in memory. */
class World {
  state: Top;
  requests: Request[] = [];
  now = NOW;

  constructor(consoles: readonly ConsoleSummary[], columns = 80, rows = 24) {
    this.state = topOf(columns, rows, this.now);
    this.tell({ kind: 'table', consoles });
  }

  tell(news: News): void {
    const { state, requests } = step(this.state, news, this.now);
    this.state = state;
    this.requests.push(...requests);
  }

  /** Names of keys; a word in quotes is typed. */
  type(...keys: string[]): void {
    for (const key of keys) {
      const typed: Key[] = key.startsWith("'")
        ? [...key.slice(1)].map((text) => ({ name: text === ' ' ? 'space' : text, text }))
        : [{ name: key, ...([...key].length === 1 ? { text: key } : {}) }];
      for (const each of typed) {
        this.tell({ kind: 'key', key: each });
      }
    }
  }

  taken(): Request[] {
    return this.requests.splice(0);
  }

  get pane(): Pane {
    return this.state.pane ?? assert.fail('no pane');
  }

  get shown(): string[] {
    return this.state.shown.map(({ name }) => name);
  }
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `ioc-${String(at + 1).padStart(3, '0')}`);
const many = (count: number) => names(count).map((name) => consoleSummary(name));
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `line ${from + at}`);

test('the selection moves, stays in sight, and stays on its console when the table changes', () => {
  const world = new World(many(1000));
  assert.equal(world.state.selected, 'ioc-001');
  world.type('down', 'j', 'k', 'down');
  assert.equal(world.state.selected, 'ioc-003');
  world.type('end');
  assert.equal(world.state.selected, 'ioc-1000');
  assert.equal(world.state.first, 1000 - listRows(world.state));
  world.type('pageup', 'pageup', 'home', 'up', 'pagedown');
  assert.equal(world.state.at, listRows(world.state));
  const selected = world.state.selected as string;
  world.tell({ kind: 'table', consoles: [...many(1000)].reverse() });
  assert.equal(world.state.selected, selected);
  const at = world.state.at;
  assert.ok(at >= world.state.first && at < world.state.first + listRows(world.state), 'in sight');
  world.tell({ kind: 'table', consoles: many(3).filter(({ name }) => name !== selected) });
  assert.equal(world.state.selected, 'ioc-003', 'the nearest one');
  world.tell({ kind: 'table', consoles: [] });
  world.type('x', 'enter', 'a', 'space', 'end', 'up');
  assert.equal(world.state.selected, undefined);
  assert.deepEqual(world.taken(), []);
});

test('the filter looks at name, group, state and last line; Esc brings the earlier one back, or removes it', () => {
  const world = new World([
    consoleSummary('bad', { state: 'failed' }),
    consoleSummary('vac-01', { groups: ['Vacuum'] }),
    consoleSummary('llrf', { lastLine: 'Trip of VACUUM valve' }),
  ]);
  world.type('/', "'vacuum");
  assert.deepEqual(world.shown, ['vac-01', 'llrf'], 'while it is typed');
  world.type('enter', '/', '^u', "'FAIL");
  assert.deepEqual(world.shown, ['bad']);
  world.type('esc');
  assert.deepEqual(world.shown, ['vac-01', 'llrf']);
  world.type('/', 'backspace', '^w', "'trip of", 'down');
  assert.deepEqual([world.shown, world.state.input], [['llrf'], undefined]);
  world.type('esc');
  assert.equal(world.shown.length, 3);
  world.tell({ kind: 'key', key: { name: '/' } });
  world.tell({ kind: 'key', key: { name: 'paste', text: 'vac\n-01\n' } });
  assert.equal(world.state.filter, 'vac -01', 'what is pasted is one line and no key');
});

test('what hurts, and what is for several, is confirmed; any key but y leaves it undone', () => {
  const world = new World([consoleSummary('a'), consoleSummary('b', { state: 'stopped' }), consoleSummary('c')]);
  world.type('s');
  assert.deepEqual(world.taken(), [{ kind: 'wanted', intent: { verb: 'start', targets: ['a'] } }]);
  for (const [key, verb] of [
    ['x', 'stop'],
    ['r', 'restart'],
  ] as const) {
    world.type(key);
    assert.deepEqual([world.state.question, world.taken()], [{ verb, targets: ['a'] }, []]);
    world.type('enter');
    assert.deepEqual([world.state.question, world.taken()], [undefined, []]);
    assert.equal(world.state.message?.text, 'nothing was done');
  }
  world.type('down', 'x');
  assert.deepEqual(world.taken(), [{ kind: 'wanted', intent: { verb: 'stop', targets: ['b'] } }], 'it is not up');
  world.type('home', 'space', 'down', 'space', 's');
  assert.deepEqual(world.state.question, { verb: 'start', targets: ['a', 'c'] });
  world.type('y');
  const intent = { verb: 'start' as const, targets: ['a', 'c'] };
  assert.deepEqual(world.taken(), [{ kind: 'wanted', intent }]);
  world.tell({ kind: 'wanted', intent, wanted: undefined });
  assert.deepEqual(world.taken(), [{ kind: 'act', intent, reason: undefined }]);
  world.tell({ kind: 'done', intent, refused: [{ name: 'c', text: 'c is held by ada' }] });
  assert.equal(world.state.message?.text, 'start: 1 accepted; c: c is held by ada');
  assert.deepEqual([...world.state.marked], ['a', 'c'], 'still marked, to try again');
  world.tell({ kind: 'done', intent, refused: [] });
  assert.deepEqual([...world.state.marked], []);
});

test('a hold asks for its reason, and so does what a rule wants one for', () => {
  const world = new World([consoleSummary('a')]);
  world.type('h', 'enter');
  assert.match(world.state.message?.text ?? '', /^nothing was done: .*wants to know why/);
  world.type('h', "'HV card q", 'enter');
  const held = { verb: 'hold' as const, targets: ['a'] };
  assert.deepEqual(world.taken(), [{ kind: 'act', intent: held, reason: 'HV card q' }]);
  const intent = { verb: 'stop' as const, targets: ['a'] };
  world.tell({ kind: 'wanted', intent, wanted: 'required' });
  world.type('enter');
  assert.deepEqual(world.taken(), []);
  world.tell({ kind: 'wanted', intent, wanted: 'required' });
  world.type("'maintenance", 'enter');
  world.tell({ kind: 'wanted', intent, wanted: 'asked' });
  world.type('enter');
  assert.deepEqual(world.taken(), [
    { kind: 'act', intent, reason: 'maintenance' },
    { kind: 'act', intent, reason: undefined },
  ]);
  world.type('h', "'x", 'esc', 'q');
  assert.deepEqual(world.taken(), [{ kind: 'leave' }], 'Esc ends the question, and is the only thing that it ends');
});

test('Esc goes back one level wherever one is, and q leaves only from where nothing is typed', () => {
  const world = new World(many(3));
  world.type('/', "'ioc", 'enter', 'space', 'enter', 'w', '/', "'q", 'esc', '?', 'esc');
  assert.equal(world.pane.kind, 'why');
  world.type('esc');
  assert.deepEqual([world.state.pane, world.state.focus, world.state.marked.size], [undefined, 'list', 1]);
  world.type('esc');
  assert.deepEqual([world.state.marked.size, world.state.filter], [0, 'ioc']);
  world.type('esc', 'esc', 'esc');
  assert.equal(world.state.filter, '');
  assert.ok(!world.taken().some(({ kind }) => kind === 'leave'));
});

test('a pane follows its end until it is scrolled; above its first line the log goes on', () => {
  const world = new World([consoleSummary('a')]);
  world.type('enter');
  assert.deepEqual(world.taken(), [{ kind: 'open', pane: 'console', console: 'a', id: 1 }]);
  world.tell({ kind: 'lines', id: 1, lines: numbered(4000, 4100), rest: 'epics> ', anew: true });
  world.tell({ kind: 'lines', id: 7, lines: ['of another pane'], rest: '' });
  const rows = paneRows(world.state);
  assert.equal(topLine(world.state, world.pane), 101 - rows);
  world.type('pageup');
  world.tell({ kind: 'lines', id: 1, lines: ['more'], rest: '' });
  assert.equal(topLine(world.state, world.pane), 101 - 2 * rows, 'what is read stays where it is');
  world.type('home');
  assert.deepEqual(world.taken(), [
    { kind: 'past', console: 'a', id: 1, tail: 101 + CHUNK_LINES, most: CHUNK_LINES + 101 },
  ]);
  world.type('pageup');
  assert.deepEqual(world.taken(), [], 'asked for once');
  const stamped = numbered(2000, 4100).map((line) => `[06:00] ${line}`);
  world.tell({ kind: 'past', id: 1, lines: [...stamped, '[06:00] more'] });
  const lines = linesIn(world.pane);
  assert.deepEqual(
    [lines[0], lines[1999], lines[2000], lines[2001]],
    ['[06:00] line 2000', '[06:00] line 3999', FROM_LOG, 'line 4000'],
  );
  assert.equal(lines[topLine(world.state, world.pane)], 'line 4000');
  world.type('home');
  const [request] = world.taken();
  assert.deepEqual(request, { kind: 'past', console: 'a', id: 1, tail: 2101 + CHUNK_LINES, most: CHUNK_LINES + 3 });
  world.tell({ kind: 'past', id: 1, lines: [...numbered(1990, 2000), ...stamped.slice(0, 3)] });
  assert.equal(linesIn(world.pane)[0], 'line 1990');
  world.type('home');
  world.tell({ kind: 'past', id: 1, lines: linesIn(world.pane).slice(0, 100) });
  assert.equal(world.pane.older, 'none');
  world.taken();
  world.type('home', 'pageup');
  assert.deepEqual(world.taken(), [], 'this is the beginning');
  world.type('end');
  assert.equal(world.pane.top, undefined);
});

test('a search goes back through what is there, and on through the log until it finds something or Esc ends it', () => {
  const world = new World([consoleSummary('a')]);
  world.type('l');
  world.tell({ kind: 'lines', id: 1, lines: numbered(100, 300), rest: '', anew: true });
  world.type('/', "'line 15", 'enter');
  assert.equal(linesIn(world.pane)[world.pane.hit ?? -1], 'line 159');
  world.type('n', 'n', 'N');
  assert.equal(linesIn(world.pane)[world.pane.hit ?? -1], 'line 158');
  world.taken();
  world.type('/', "'LINE 7", 'enter');
  assert.equal(world.pane.seeking, true, 'capitals count');
  world.type('esc');
  world.tell({ kind: 'past', id: 1, lines: numbered(90, 103) });
  assert.deepEqual([world.pane.seeking, world.taken().length, linesIn(world.pane)[0]], [false, 1, 'line 90']);
  world.type('/', "'line 7", 'enter');
  world.tell({ kind: 'past', id: 1, lines: numbered(80, 93) });
  assert.equal(world.taken().length, 2, 'and on');
  world.tell({ kind: 'past', id: 1, lines: numbered(60, 83) });
  assert.equal(linesIn(world.pane)[world.pane.hit ?? -1], 'line 79');
  world.type('/', "'nowhere", 'enter');
  world.tell({ kind: 'past', id: 1, lines: numbered(60, 63) });
  assert.match(world.state.message?.text ?? '', /'nowhere' is not before this/);
});

test('what a pane keeps has a bound, whatever a console prints and however far one goes back', () => {
  const world = new World([consoleSummary('a')]);
  world.type('enter');
  const long = (count: number) => numbered(0, count).map((line) => line.padEnd(1000));
  for (let round = 0; round < 10; round++) {
    world.tell({ kind: 'lines', id: 1, lines: long(2000), rest: '' });
  }
  const size = () => linesIn(world.pane).join('').length;
  assert.ok(size() <= 8 << 20 && world.pane.lines.length > 5000);
  world.type('pageup');
  const seen = linesIn(world.pane)[topLine(world.state, world.pane)];
  for (let round = 0; round < 10; round++) {
    world.tell({ kind: 'lines', id: 1, lines: long(2000), rest: '' });
  }
  assert.ok(size() <= 8 << 20);
  assert.deepEqual([linesIn(world.pane)[topLine(world.state, world.pane)], world.pane.cut], [seen, true]);
  world.taken();
  world.type('end');
  assert.deepEqual(world.taken(), [{ kind: 'open', pane: 'console', console: 'a', id: 2 }], 'from the end again');
});

test('when the server is back, lines that ended with it come from a new source', () => {
  const world = new World(many(2));
  world.type('l');
  world.tell({ kind: 'lines', id: 1, lines: ['old'], rest: '', anew: true });
  world.tell({ kind: 'lost' });
  world.now += 60_000;
  world.tell({ kind: 'lost' });
  assert.equal(world.state.lostSince, NOW, 'since when, not until when');
  world.taken();
  world.tell({ kind: 'table', consoles: many(2) });
  assert.deepEqual(world.taken(), [{ kind: 'open', pane: 'log', console: 'ioc-001', id: 2 }]);
  assert.deepEqual([world.state.lostSince, linesIn(world.pane)], [undefined, ['old']]);
  world.tell({ kind: 'lines', id: 2, lines: ['new'], rest: '', anew: true });
  assert.deepEqual(linesIn(world.pane), ['new']);
});

test('in a tall terminal the list moves the pane with it', () => {
  const world = new World(many(5), 200, 60);
  world.type('enter', 'tab', 'down');
  assert.deepEqual(
    world.taken().map((request) => 'console' in request && request.console),
    ['ioc-001', 'ioc-002'],
  );
  world.type('tab', 'x');
  assert.deepEqual(world.state.question?.targets, ['ioc-002']);
});

test('what the processes use is asked for only while it is shown', () => {
  const world = new World([consoleSummary('a')]);
  const found = new Map([['a', { cpuPercent: 50 }]]);
  world.tell({ kind: 'usage', found });
  assert.equal(world.state.usage, undefined);
  world.type('m');
  world.tell({ kind: 'usage', found });
  assert.equal(world.state.usage, found);
  world.type('m');
  assert.deepEqual(world.taken(), [
    { kind: 'usage', on: true },
    { kind: 'usage', on: false },
  ]);
});

test('no key means two things in one place', () => {
  for (const place of ['list', 'pane'] as const) {
    const keys = ACTIONS.filter(({ where }) => where === place || where === 'everywhere').flatMap(
      (action) => action.keys,
    );
    assert.equal(new Set(keys).size, keys.length);
  }
});

test('keys are read from bytes that come in any pieces', () => {
  const bytes = Buffer.from('jé\x1b[A\x1bOB\x1b[5~\x1b[1;5C\x1bx\x1b[200~q\nx\x1b[201~\r\x03\x1b[99;99z\x7f ');
  const wanted = ['j', 'é', 'up', 'down', 'pageup', 'right', 'esc', 'x', 'paste', 'enter', '^c', 'backspace', 'space'];
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const reader = new KeyReader();
    const keys: Key[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      keys.push(...reader.feed(bytes.subarray(at, at + size)));
    }
    assert.deepEqual(
      keys.map(({ name }) => name),
      wanted,
      `${size} bytes`,
    );
    assert.equal(keys.find(({ name }) => name === 'paste')?.text, 'q\nx');
  }
  const reader = new KeyReader();
  assert.deepEqual([reader.feed(Buffer.from('\x1b')), reader.waits], [[], true]);
  assert.deepEqual([reader.flush(), reader.waits], [[{ name: 'esc' }], false]);
  assert.deepEqual(
    reader.feed(Buffer.from('\x1b\x1b[B')).map(({ name }) => name),
    ['esc', 'down'],
  );
});
