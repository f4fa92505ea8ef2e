// Output for people: ps, status, why, plan, events; from plain values, without a server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Context } from '../../../src/cli/holdfast/command/command.ts';
import { statusLines } from '../../../src/cli/holdfast/commands/status.ts';
import { verdict, whyLines } from '../../../src/cli/holdfast/commands/why.ts';
import { FoldedEvents } from '../../../src/cli/holdfast/parts/folded-events.ts';
import { consoleTable, inOrder, parseColumns } from '../../../src/cli/holdfast/text/console-columns.ts';
import { deathText } from '../../../src/cli/holdfast/text/death-text.ts';
import { width } from '../../../src/cli/holdfast/text/display.ts';
import { eventLine } from '../../../src/cli/holdfast/text/event-text.ts';
import { folded } from '../../../src/cli/holdfast/text/folded.ts';
import { report, stepLines } from '../../../src/cli/holdfast/text/plan-text.ts';
import { layOut } from '../../../src/cli/holdfast/text/table.ts';
import type { ConsoleDetail, DeathInfo, EventInfo, PlanResult, VersionInfo } from '../../../src/model/api.ts';
import type { PlanStep, ServerChange } from '../../../src/model/config.ts';
import { foldEvents } from '../../../src/model/event-folds.ts';
import { deathInfo, eventInfo } from '../../../src/model/event-text.ts';
import type { Happening } from '../../../src/model/events.ts';
import { self, sender } from '../../../src/model/principal.ts';
import { PROCESS_EVENTS, PROCESS_STATES } from '../../../src/model/process.ts';
import { Stays } from '../../../src/model/stays.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { guest } from '../../fakes/principals.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const view = { columns: 80, color: false, now: () => NOW };

const ADA = guest('ada', 'ws12');

const death: DeathInfo = {
  time: '2026-11-21T09:58:00Z',
  pid: 4711,
  uptimeSeconds: 3720,
  code: null,
  signal: 'SIGSEGV',
  coreDumped: true,
  outOfMemory: false,
  maxRssKib: 51_200,
  lastLines: ['epics> dbl', '\x1b[31massert failed\x1b[0m'],
};

function console(name: string, overrides: Partial<ConsoleDetail> = {}): ConsoleDetail {
  return {
    name,
    kind: 'run',
    state: 'running',
    since: '2026-11-21T09:00:00Z',
    pid: 1,
    restarts: { hour: 0, total: 0 },
    sessions: 0,
    lastLine: '',
    groups: [],
    description: '',
    labels: {},
    restartMode: 'always',
    endpoints: [],
    sessionList: [],
    deaths: [],
    ...overrides,
  };
}

const BESIDE = { host: 'ioc-host', uses: new Map() };

/** What `holdfast ps` shows without options. */
function psLines(consoles: readonly ConsoleDetail[], io: { columns: number; color: boolean; now: () => number }) {
  const rows = inOrder(consoles, { reverse: false }, BESIDE, io);
  return consoleTable(rows, parseColumns(undefined), BESIDE, io);
}

test('ps: trouble first, then names in natural order', () => {
  const lines = psLines(
    [
      console('ioc-10'),
      console('ioc-9', { state: 'ready' }),
      console('b', { state: 'failed' }),
      console('a', { state: 'stopped' }),
      console('c', { state: 'waiting' }),
    ],
    view,
  );
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    ['NAME', 'b', 'c', 'ioc-9', 'ioc-10', 'a'],
  );
});

test('ps: columns line up and no line is wider than the terminal, whatever the consoles say', () => {
  const consoles = [
    console('真空-01', { lastLine: '温度 '.repeat(40) }),
    console('a-name-that-is-much-longer-than-any-name-should-be', { lastLine: '\x1b]0;x\x07\x1b[2Jx'.repeat(30) }),
    console('held', { state: 'held', hold: { reason: 'HV card\x1b[2J', by: 'ada', since: '2026-11-21T09:00:00Z' } }),
    console('busy', {
      restarts: { hour: 3, total: 12 },
      writer: { id: 1, user: 'root', behind: 'ada', from: 'pid 2', via: 'attach', mode: 'write', since: '' },
    }),
  ];
  for (const columns of [60, 80, 132]) {
    const lines = psLines(consoles, { ...view, columns });
    for (const line of lines) {
      assert.ok(width(line) <= columns, `${columns}: ${line}`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f]/);
    }
  }
  const text = psLines(consoles, { ...view, columns: Number.POSITIVE_INFINITY }).join('\n');
  assert.match(text, /held by ada: HV card/);
  const until = new Date(2026, 10, 30, 6, 0).toISOString();
  const held = console('a', { state: 'held', hold: { reason: 'HV card', by: 'ada', since: until, until } });
  assert.match(psLines([held], view)[1] as string, /held by ada until 2026-11-30: HV card/);
  assert.match(text, /busy +running +1h +3\/h 12 +ada \(as root\)/);
  const logTrouble = { text: 'log file /l hangs\x1b[2J', since: death.time };
  const unlogged = psLines([console('a'), console('b', { logTrouble })], view);
  assert.match(unlogged[1] as string, /^b .*not logged: log file \/l hangs/, 'before what is well');
  const logged = { log: '/l', logTrouble };
  for (const lines of [statusLines(console('b', logged), view), whyLines(console('b', logged), [], view)]) {
    assert.match(lines.join('\n'), /^ {2}log +\/l: not written since \d{4}-.*: log file \/l hangs/m);
  }
});

test('ps: colours only when asked', () => {
  const one = [console('x', { state: 'failed' })];
  assert.ok(!psLines(one, view).join('').includes('\x1b'));
  assert.ok(
    psLines(one, { ...view, color: true })
      .join('')
      .includes('\x1b[31m'),
  );
});

test('a table first cuts the columns that may be cut; what is beyond the terminal then is not shown', () => {
  const lines = layOut([{ title: 'A', least: 2 }, { title: 'B' }], [[{ text: 'abcdef' }, { text: 'whole' }]], 9, false);
  assert.deepEqual(lines, ['A   B', 'a…  whole']);
  const head = [{ title: 'A' }, { title: 'B' }, { title: 'C' }];
  const cut = layOut(head, [['pressure', 'ready', 'mbar'].map((text) => ({ text, style: 'red' as const }))], 12, true);
  assert.deepEqual(cut.map(stripVTControlCharacters), ['A         B ', 'pressure  r…']);
});

test('status shows what there is and leaves out what is not', () => {
  const text = statusLines(
    console('vac', {
      command: ['iocsh', 'st cmd'],
      labels: { rack: '7' },
      deaths: [death],
      endpoints: ['2001', '2002'],
      bounded: { '2002': ['read', 'restart'] },
    }),
    view,
  ).join('\n');
  assert.match(text, /^vac: running for 1h \(pid 1\)/);
  assert.match(text, /command +iocsh 'st cmd'/);
  assert.match(text, /endpoints +2001\n +2002 \(only read, restart\)/);
  assert.match(text, /rack = 7/);
  assert.match(text, /last death +killed by SIGSEGV, core dumped; 2m ago \(pid 4711, up 1h2m, at most 50 MiB\)/);
  assert.doesNotMatch(text, /directory|groups|sessions/);
});

test('why: the end by name, its last lines without control characters, who did what', () => {
  const event: EventInfo = { seq: 1, time: death.time, console: 'vac', type: 'state', by: ADA, text: 'held' };
  const asked = deathInfo({ ...death, code: 0, signal: null, coreDumped: false, askedBy: ADA, askedSignal: 'SIGTERM' });
  const lines = whyLines(console('vac', { state: 'waiting', deaths: [death, asked] }), [event], view);
  const text = lines.join('\n');
  assert.match(text, /killed by SIGSEGV, core dumped; pid 4711, up 1h2m/);
  assert.match(text, /\| assert failed\n/);
  assert.match(text, /ended with exit code 0, asked for by ada via conserver from ws12 \(SIGTERM\); pid/);
  assert.match(deathText(asked), /ended with exit code 0, asked for by ada via conserver from ws12 \(SIGTERM\)$/);
  const told = deathText(deathInfo({ ...asked, askedBy: { ...ADA, behind: 'vera', reason: 'HV card' } }));
  assert.match(told, /, asked for by vera \(as ada\) via conserver from ws12: HV card \(SIGTERM\)$/);
  assert.match(text, /held \(ada via conserver from ws12\)/);
  assert.ok(lines.length <= 24, 'one screen');
  const shown = folded(text, view.columns).split('\n');
  assert.ok(shown.every((line) => width(line) <= view.columns));
});

test('why: if no death is known, it says how far back that is so', () => {
  const since = (historySince: string) => whyLines(console('vac', { deaths: [], historySince }), [], view).join('\n');
  assert.match(
    since('2026-11-21T02:00:00.000Z'),
    /It has not died since 2026-11-2\d .*; the history goes back no further\./,
  );
  assert.match(whyLines(console('vac', { deaths: [] }), [], view).join('\n'), /No death of it is known\./);
});

test('the end of a link is that of a connection: it has neither exit code nor pid', () => {
  const end = { ...death, pid: 0, code: 0, signal: null, coreDumped: false, maxRssKib: 0, uptimeSeconds: 3 };
  const link = console('ts-3', { state: 'waiting', deaths: [end] });
  const text = whyLines(link, [], { ...view, columns: Number.POSITIVE_INFINITY }).join('\n');
  assert.match(text, /Last end: the connection ended\./);
  assert.match(text, /ago\): the connection ended; up 3s/);
  assert.match(statusLines(link, view).join('\n'), /the connection ended; 2m ago \(up 3s\)/);
});

test('why: every state has a verdict', () => {
  for (const state of PROCESS_STATES) {
    assert.match(verdict(console('vac', { state, deaths: [death] })), /\.$/);
  }
});

test('plan: what is added, removed, changed, and when it takes effect', () => {
  assert.equal(stepLines([{ action: 'add', console: 'a' }], false)[0], '+ a: new');
  assert.equal(
    stepLines([{ action: 'change', console: 'a', keys: ['run', 'env'], effect: 'restart' }], false)[0],
    '~ a: run, env (with its next start)',
  );
  const gone: PlanStep = { action: 'remove', console: 'a' };
  assert.match(stepLines([gone], false)[0] as string, /^- a: /);
  const replaced = stepLines([gone, { action: 'add', console: 'b' }, { action: 'add', console: 'a' }], false);
  assert.deepEqual(replaced, ['~ a: another source: will be stopped and replaced', '+ b: new']);
});

test('plan: how what waits for a restart gets it, with the unit of the server or without one', async () => {
  const lines = async (service?: VersionInfo['service']) => {
    const out: string[] = [];
    const io = { ...view, columns: 200, out: (text: string) => void out.push(text), err: () => undefined };
    const context = { io, values: {}, client: { version: async () => ({ service }) } } as unknown as Context;
    const server: ServerChange[] = [
      { key: 'control_mode', effect: 'server' },
      { key: 'runtime_dir', effect: 'holder' },
    ];
    assert.equal(await report(context, { steps: [], server, problems: [] }, false), 2);
    return out.join('').split('\n');
  };
  assert.deepEqual((await lines()).slice(0, 2), [
    "~ [server]: control_mode (with the next start of the server: 'holdfast down', 'holdfast up': no process is touched)",
    "~ [server]: runtime_dir (with the next start of the holder: 'holdfast down --all', 'holdfast up': all processes stop)",
  ]);
  const unit = { unit: 'holdfast.service', socket: false };
  const [server, holder] = await lines({ ...unit, user: false });
  assert.match(server ?? '', /: 'systemctl restart holdfast': no process is touched\)$/);
  assert.match(holder ?? '', /: 'holdfast down --all', 'systemctl start holdfast': all processes stop\)$/);
  assert.match((await lines({ ...unit, user: true }))[0] ?? '', /'systemctl --user restart holdfast'/);
});

test('reload: what was done and what was not, and why; the exit code says that it was incomplete', async () => {
  const out: string[] = [];
  const err: string[] = [];
  const io = { ...view, out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const reload = (plan: Partial<PlanResult>) =>
    report({ io, values: {} } as unknown as Context, { steps: [], server: [], problems: [], ...plan }, true);
  const failed = { action: 'add', console: 'vac', reason: 'no \x07room' } as const;
  assert.equal(await reload({ steps: [{ action: 'add', console: 'mag' }], failed: [failed] }), 1);
  assert.equal(out.splice(0).join(''), '+ mag: new\n1 change applied.\n');
  const said = "+ vac: not added: no room\n1 change not applied: 'holdfast reload' tries again\n";
  assert.equal(err.splice(0).join(''), said);
  assert.equal(await reload({ failed: [failed] }), 1);
  assert.equal(out.join(''), '');
  assert.equal(err.join(''), said);
});

test('events: the actor is named, and a client that connects is named once', () => {
  const line = (event: Happening) => eventLine(eventInfo({ seq: 1, time: death.time, console: 'vac', ...event }), view);
  assert.match(line({ type: 'attached', session: 1, by: ADA }), /vac: came: ada via conserver from ws12$/);
  assert.match(
    line({ type: 'note', text: 'ada was here', by: ADA }),
    /vac: ada was here \(ada via conserver from ws12\)$/,
  );
  const [signal, itself] = [sender('SIGHUP'), self('the hold has expired')];
  assert.match(line({ type: 'config', what: 'applied', steps: [], by: signal }), / \(SIGHUP\)$/);
  assert.match(line({ type: 'note', text: 'x', by: itself }), /: x \(holdfast: the hold has expired\)$/);
});

const time = (at: number) => new Date(Date.parse('2026-11-21T09:00:00Z') + at * 1000).toISOString();

/** `count` times round: started, up, ended, to be started again; a second apart. */
function loop(count: number, name = 'vac'): EventInfo[] {
  const end = { ...death, signal: null, code: 3, coreDumped: false };
  const round: Happening[] = [
    { type: 'state', from: 'waiting', to: 'starting', cause: 'due' },
    { type: 'started', pid: 7 },
    { type: 'state', from: 'starting', to: 'running', cause: 'up' },
    { type: 'ended', death: end },
    { type: 'state', from: 'running', to: 'waiting', cause: 'ended-again' },
  ];
  return Array.from({ length: count }, (_, at) =>
    round.map((event) => eventInfo({ seq: at, time: time(at), console: name, ...event })),
  ).flat();
}

test('events: a crash loop is one line, whatever happens to others meanwhile; what a person does ends it', () => {
  const lines = (events: readonly EventInfo[], isCut = false) =>
    foldEvents(events, isCut).map((event) => eventLine(event, view).slice('2026-11-21 09:00:00  '.length));
  const other = eventInfo({ seq: 1, time: time(1), console: 'mag', type: 'attached', by: ADA });
  const both = [...loop(54).slice(0, 100), other, ...loop(54).slice(100)];
  assert.deepEqual(lines(both), [
    'mag: came: ada via conserver from ws12',
    'vac: ended 54 times in 53s, last: exit code 3',
  ]);
  assert.match(lines(loop(54), true)[0] ?? '', /ended at least 54 times/, 'older ones were not looked at');
  const held = eventInfo({
    seq: 9,
    time: time(9),
    console: 'vac',
    type: 'state',
    from: 'waiting',
    to: 'held',
    cause: 'hold',
    by: ADA,
  });
  const [first, second, ...rest] = lines([...loop(3), held, ...loop(2)]);
  assert.equal(first, 'vac: ended 3 times in 2s, last: exit code 3');
  assert.equal(second, 'vac: told to stay down (hold) (ada via conserver from ws12)');
  assert.equal(rest.length, 10, 'two ends are not a loop');
  const later = loop(2).map((event) => ({ ...event, time: time(5000) }));
  assert.equal(lines([...loop(2), ...later]).length, 20, 'nor are those that are hours apart');
  const asked = loop(5).map((event) => (event.death ? { ...event, death: { ...event.death, asked: 'ada' } } : event));
  assert.equal(lines(asked).length, 25, 'nor those that somebody asked for');
});

test('events: a change of state is told in words of people; coming and leaving begin differently', () => {
  const verbs = new Set<string>(['start', 'stop', 'restart', 'hold', 'release']);
  for (const cause of PROCESS_EVENTS) {
    const line = eventLine(
      eventInfo({ seq: 1, time: death.time, type: 'state', from: 'running', to: 'waiting', cause }),
      view,
    );
    assert.doesNotMatch(line, /->|ended-/, cause);
    // Scripts look for what somebody did.
    assert.equal(line.includes(`(${cause})`), verbs.has(cause), cause);
  }
  const left = eventInfo({ seq: 1, time: death.time, console: 'vac', type: 'detached', session: 1, by: ADA });
  assert.match(eventLine(left, view), /vac: left: ada via conserver from ws12$/);
});

test('an event of a server before the upgrade is shown as it says it', () => {
  const event: EventInfo = { seq: 1, time: death.time, console: 'vac', type: 'state', text: 'running -> held (hold)' };
  const line = (actor: string, text = event.text) => eventLine({ ...event, text, ...{ actor } }, view);
  assert.match(eventLine(event, view), /vac: running -> held \(hold\)$/);
  assert.match(line('ada@ws12'), /vac: running -> held \(hold\) \(ada@ws12\)$/);
  assert.match(line('ada@ws12', 'NOTE -- ada@ws12: x'), /vac: NOTE -- ada@ws12: x$/);
});

test('events --follow: of a loop the first two ends, then a line from time to time, and what came of it', () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const events = new FoldedEvents(clock, (event) =>
    lines.push(eventLine(event, view).slice('2026-11-21 09:00:00  '.length)),
  );
  const comes = (all: readonly EventInfo[]) => {
    for (const event of all) {
      events.add(event);
    }
    return lines.splice(0);
  };
  const all = loop(54);
  assert.equal(comes(all.slice(0, 13)).filter((line) => /exit code 3; pid/.test(line)).length, 2);
  const other = eventInfo({ seq: 1, time: time(1), console: 'mag', type: 'attached', by: ADA });
  assert.deepEqual(comes([...all.slice(13, 268), other]), ['mag: came: ada via conserver from ws12']);
  clock.advance(30_000);
  assert.deepEqual(lines.splice(0), ['vac: ended 53 times in 52s, last: exit code 3', 'vac: is up']);
  clock.advance(30_000);
  assert.deepEqual(lines.splice(0), [], 'nothing new');
  const state = { seq: 9, time: time(99), console: 'vac', type: 'state', from: 'waiting', to: 'held' } as const;
  const held = eventInfo({ ...state, cause: 'hold', by: ADA });
  assert.deepEqual(
    comes([...all.slice(268), held]).map((line) => line.replace(/ \(.*/, '')),
    ['vac: ended 54 times in 53s, last: exit code 3', 'vac: told to stay down'],
  );
  comes(loop(3));
  events.end();
  assert.match(lines.join(), /^vac: ended 3 times in 2s, last: exit code 3$/, 'what is left is told at the end');
});

test('who leaves was there for a time, where the session is known', () => {
  const stays = new Stays();
  const came = { seq: 1, console: 'vac', session: 4, by: ADA };
  const line = (event: EventInfo) => eventLine(stays.add(event), view, false).slice('2026-11-21 09:00:00  '.length);
  assert.match(line(eventInfo({ ...came, type: 'attached', time: time(0) })), /^came: ada/);
  assert.match(line(eventInfo({ ...came, type: 'detached', session: 5, time: time(9) })), /^left: ada/);
  assert.match(line(eventInfo({ ...came, type: 'detached', time: time(750) })), /^left after 12m: ada via conserver/);
});
