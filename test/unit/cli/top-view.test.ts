// The screen of `holdfast top`: state to lines, lines to frames.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { width } from '../../../src/cli/holdfast/text/display.ts';
import { Frames } from '../../../src/cli/holdfast/top/frames.ts';
import type { Looks } from '../../../src/cli/holdfast/top/looks.ts';
import { type News, type Top, topOf } from '../../../src/cli/holdfast/top/state.ts';
import { step } from '../../../src/cli/holdfast/top/step.ts';
import { screenOf } from '../../../src/cli/holdfast/top/view.ts';
import { consoleSummary } from '../../harness/top-world.ts';

const NOW = new Date('2026-11-30T07:00:00').getTime();
const since = new Date(NOW - 90_000).toISOString();
const LOOKS: Looks = { color: false, unicode: true, host: undefined };
const CONSOLES = [
  consoleSummary('rf-09', {
    state: 'crash-looping',
    since,
    restarts: { hour: 5, total: 7 },
    lastLine: 'Segmentation fault',
  }),
  consoleSummary('vac-01', { since, lastLine: 'epics> ' }),
  consoleSummary('名前', { since, state: 'held', lastLine: '\x1b[31mred\x07' }),
];

function after(columns: number, rows: number, ...all: News[]): Top {
  const first: News = { kind: 'table', consoles: CONSOLES };
  return [first, ...all].reduce((state, news) => step(state, news, NOW).state, topOf(columns, rows, NOW));
}

const key = (name: string): News => ({ kind: 'key', key: { name, text: name } });
const lines = (all: readonly string[], rest = ''): News => ({ kind: 'lines', id: 1, lines: all, rest });

test('the list at 80 columns', () => {
  const screen = screenOf(after(80, 10, key('space')), LOOKS);
  assert.deepEqual(
    screen,
    [
      '3 consoles: 1 running, 1 crash-looping, 1 held, 1 marked                07:00:00',
      '  NAME          STATE          SINCE   RESTARTS  WRITER      LAST LINE',
      ' *rf-09         crash-looping  1m30s   5/h 7     -           Segmentation fault',
      '> vac-01        running        1m30s   0         -           epics>',
      '  名前          held           1m30s   0         -           red',
      ...['', '', '', ''],
      'Enter look  / filter  w why  s start  x stop  r restart  h hold  ? help  q quit',
    ].map((line, at) => (at === 3 ? `${line.padEnd(79)} ` : line)),
  );
});

test('no screen is wider or longer than the terminal, whatever is shown, and each says how to leave or go back', () => {
  const long = 'a very long line '.repeat(30);
  const ways: readonly (readonly News[])[] = [
    ...[[], [key('x')], [key('h'), ...[...long].map(key)], [key('?')], [key('/'), ...[...'nothing like it'].map(key)]],
    ...[
      [key('enter'), lines([long, '名'.repeat(200), ''], 'epics> ')],
      [key('w'), key('tab')],
      [{ kind: 'lost' } as const],
    ],
    ...[[{ kind: 'said', text: long, bad: true } as const], [key('m')], [{ kind: 'table', consoles: [] } as const]],
  ];
  for (const [columns, rows] of [
    ...[
      [1, 1],
      [20, 5],
      [40, 8],
      [59, 8],
      [80, 24],
      [200, 60],
      [500, 200],
    ],
  ] as [number, number][]) {
    for (const news of ways) {
      const screen = screenOf(after(columns, rows, ...news), LOOKS);
      assert.equal(screen.length, rows);
      for (const line of screen) {
        assert.ok(width(line) <= columns, `${columns}x${rows}: ${line}`);
        assert.ok(!/\p{Cc}/u.test(line), 'nothing that a terminal would obey');
      }
    }
  }
  assert.match(screenOf(after(39, 8), LOOKS).join(' '), /too small: 39x8; 40x8 is the least/);
  assert.match(screenOf(after(80, 24, key('?')), LOOKS).join('\n'), / h +hold it, with a reason.*Esc goes back$/s);
  for (const line of screenOf(after(80, 24, key('?')), LOOKS)) {
    assert.ok(!line.includes('…'), `the help fits: ${line}`);
  }
});

test('a server that is gone, a question, a refusal in its own words', () => {
  const lost = screenOf(after(80, 10, { kind: 'lost' }), LOOKS);
  assert.match(lost[1] ?? '', /^-- the server is gone since 07:00; waiting for it: this is what it last said --/);
  assert.match(lost[3] ?? '', /rf-09/);
  assert.equal(screenOf(after(80, 10, key('down'), key('x')), LOOKS).at(-1), 'stop vac-01? y: yes, any other key: no');
  const text = `vac-01 is held by ada: ${'until the HV card is there '.repeat(4)}`;
  const refused = {
    kind: 'done',
    intent: { verb: 'start', targets: ['vac-01'] },
    refused: [{ name: 'vac-01', text }],
  } as const;
  assert.equal(
    screenOf(after(80, 10, refused), LOOKS)
      .slice(-2)
      .join(' '),
    `start: vac-01: ${text}`,
  );
});

test('what the table does not say stands above it, and leaves room for it', () => {
  const logTrouble = { since, text: 'the disk is full' };
  const consoles = [consoleSummary('vac-01', { since, logTrouble })];
  for (const rows of [8, 24]) {
    const screen = screenOf(after(80, rows, { kind: 'table', consoles }), LOOKS);
    assert.match(screen[1] ?? '', /^not logged: vac-01 since 2026-11-30/);
    assert.match(screen[3] ?? '', /^> vac-01/);
    assert.match(screen.at(-1) ?? '', /q quit$/);
  }
});

test('a pane alone at 24 lines, below the list at 60; a hit is marked; long lines are looked at sideways', () => {
  const pane = [key('down'), key('enter'), lines([`0123456789${'x'.repeat(100)}END`, 'two', 'three'], 'epics> ')];
  const small = screenOf(after(80, 24, ...pane), LOOKS);
  assert.equal(small[0], `── vac-01: running for 1m30s (live, to read) ${'─'.repeat(35)}`);
  assert.deepEqual([small[2], small[4], small[5]], [' two', ' epics> ', '']);
  const sideways = screenOf(after(80, 24, ...pane, key('right'), key('right')), LOOKS);
  assert.match(sideways[1] ?? '', /x+END$/);
  const found = screenOf(after(80, 24, ...pane, key('/'), key('t'), key('w'), key('enter')), LOOKS);
  assert.equal(found[2], '>two');
  const tall = screenOf(after(200, 60, ...pane), LOOKS);
  assert.match(tall.join('\n'), /rf-09.*── vac-01: running.*\n two\n/s);
});

test('without UTF-8 nothing but ASCII is drawn, without colours no attribute, with colours the state keeps its word', () => {
  const state = after(80, 10, key('down'), key('enter'), lines(['Grüße 名']));
  for (const line of [
    ...screenOf(state, { ...LOOKS, unicode: false }),
    ...screenOf(after(80, 10), { ...LOOKS, unicode: false }),
  ]) {
    assert.match(line, /^[ -~]*$/);
  }
  assert.ok(!screenOf(after(80, 10), LOOKS).join('').includes('\x1b'));
  const colored = screenOf(after(80, 10, key('down')), { ...LOOKS, color: true });
  assert.ok(colored[2]?.includes('\x1b[31m\x1b[1mcrash-looping'));
  assert.ok(colored[3]?.startsWith('\x1b[7m\x1b[32m> vac-01'));
});

test('a frame has only the lines that differ, in one synchronised update', () => {
  const frames = new Frames();
  assert.equal(frames.next(['a', 'b']), '\x1b[?2026h\x1b[H\x1b[2J\x1b[1;1H\x1b[2Ka\x1b[2;1H\x1b[2Kb\x1b[?2026l');
  assert.equal(frames.next(['a', 'b']), '');
  assert.equal(frames.next(['a', 'c']), '\x1b[?2026h\x1b[2;1H\x1b[2Kc\x1b[?2026l');
  frames.forget();
  assert.match(frames.next(['a', 'c']), /2J.*a.*c/s);
});
