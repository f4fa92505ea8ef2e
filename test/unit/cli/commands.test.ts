// The commands at a host in memory: what they ask of it, what they print, their exit codes. The programs themselves, over a
// socket, are in test/system.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, type TestContext, test } from 'node:test';
import { noServerText } from '../../../src/client/connect-error.ts';
import { IsisHostService } from '../../../src/isis/host-service.ts';
import type { ConsoleSummary } from '../../../src/model/api.ts';
import { HoldfastError } from '../../../src/model/errors.ts';
import type { EventFilter, HostClient, SearchRequest } from '../../../src/model/host-port.ts';
import { defaultIsisConfig } from '../../../src/model/isis-config.ts';
import { systemClock } from '../../../src/platform/time/clock.ts';
import { actingAs } from '../../fakes/acting-as.ts';
import type { FakeConsole } from '../../fakes/fake-console.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { person } from '../../fakes/principals.ts';
import { atEnd } from '../../harness/at-end.ts';
import { isRoot } from '../../harness/machine.ts';
import { runCommand } from '../../harness/run-command.ts';

const ADA = person('ada');

let host: FakeHost;
let client: HostClient;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-commands-'));
  host = new FakeHost();
  host.add('vac-01', { groups: ['vac'], lastLine: 'iocRun: All initialization complete' });
  host.add('vac-02', { groups: ['vac'], state: 'failed' });
  host.add('llrf', { state: 'stopped' });
  client = actingAs(host, ADA);
});

afterEach(() => rmSync(folder, { recursive: true }));

const runs = (...words: string[]) => runCommand({ client }, ...words);
const console = (name: string) => host.consoles.get(name) as FakeConsole;
/** Requests to the host. */
const asked = () => host.calls.map(({ verb, name, args = [] }) => [verb, name, ...args]);

test('ps --watch: the table again whenever something has changed, one line of JSON, or drawn in its place', async () => {
  const watched = (terminal: { columns: number; rows: number } | undefined, ...words: string[]) => {
    const interrupt = new AbortController();
    let isStarted = false;
    const shown = (text: string) => {
      const [, state] = [...text.matchAll(/llrf"?[ ,].*?(stopped|running)/gs)].at(-1) ?? [];
      if (state === 'stopped' && !isStarted) {
        isStarted = true;
        void client.start('llrf');
      } else if (state === 'running' && isStarted) {
        interrupt.abort();
      }
    };
    const site = { client, interrupted: interrupt.signal, shown, ...(terminal ? { terminal } : {}) };
    return runCommand(site, 'ps', '--watch', ...words);
  };
  const plain = await watched(undefined);
  assert.equal(plain.code, 0);
  const [before = '', after = '', ...more] = plain.out.split('\n\n');
  assert.match(before, /^NAME .*\nvac-02 +failed .*\nvac-01 .*\nllrf +stopped [^\n]*$/);
  assert.match(after, /^NAME .*\nvac-02 +failed .*\nllrf +running .*\nvac-01 [^\n]*\n$/);
  assert.deepEqual(more, []);
  await client.stop('llrf');
  const json = await watched(undefined, '--json', 'll');
  assert.deepEqual(
    json.out
      .split('\n')
      .map((line) => line && JSON.parse(line).map(({ state }: ConsoleSummary) => state))
      .slice(-3),
    [['stopped'], ['running'], ''],
  );
  await client.stop('llrf');
  const drawn = await watched({ columns: 60, rows: 10 }, 'll*', 'vac-01');
  assert.ok(drawn.out.split('\x1b[?7l').length > 2, 'drawn twice at least');
  assert.ok(drawn.out.includes('\x1b[4A\r2 consoles: 2 running'), 'in its place, with how many are how');
  assert.deepEqual([plain.err, json.err, drawn.err], ['', '', '']);
  const unknown = await runs('ps', '--watch', 'nobody');
  assert.deepEqual([unknown.code, unknown.out], [66, '']);
});

test('ps --watch of consoles that go, come back, and of a holder that does not answer', async () => {
  const interrupt = new AbortController();
  const shown = (text: string) => {
    const times = text.split('llrf').length - 1;
    if (times === 1 && !text.includes('no consoles')) {
      setImmediate(() => host.remove('llrf'));
    } else if (times === 1) {
      setImmediate(() => host.add('llrf', { holderSilent: { pid: 7, since: '2026-03-01T03:00:00.000Z' } }));
    } else {
      interrupt.abort();
    }
  };
  const { code, out, err } = await runCommand({ client, interrupted: interrupt.signal, shown }, 'ps', '-w', 'llrf');
  assert.equal(code, 0);
  assert.match(out, /^NAME .*\nllrf .*\n\nno consoles\n\nNAME .*\nllrf .*\n$/);
  assert.match(err, /^the holder, process 7, does not answer since .*\n.*\n$/);
});

test('ps lists all, or a group, a state, a pattern; names only; JSON', async () => {
  const { code, out } = await runs('ps');
  assert.equal(code, 0);
  assert.match(out, /^NAME .*\nvac-02 +failed .*\nvac-01 +running .*All initialization complete\nllrf +stopped/);
  assert.equal((await runs('ps', '-q', '--group', 'vac')).out, 'vac-02\nvac-01\n');
  assert.equal((await runs('ps', '-q', '--state=stopped')).out, 'llrf\n');
  assert.equal((await runs('ps', '-q', 'v*1', 'll')).out, 'vac-01\nllrf\n');
  assert.deepEqual(await runs('ps', '-s', 'held'), { code: 0, out: '', err: 'no consoles are held\n', asked: [] });
  assert.match((await runs('ps', '-g', 'rf')).err, /no console is in group 'rf'/);
  const json = JSON.parse((await runs('ps', '--json')).out) as ConsoleSummary[];
  assert.deepEqual(
    json.map(({ name }) => name),
    ['vac-02', 'vac-01', 'llrf'],
  );
  const rows = await host.list();
  assert.deepEqual(
    json,
    json.map(({ name }) => rows.find((row) => row.name === name)),
    'the rows of the API as they are',
  );
});

test('a silent holder is told above what the server knew', async () => {
  const since = '2026-11-21T09:00:00.000Z';
  console('vac-01').overrides = { ...console('vac-01').overrides, holderSilent: { pid: 12, since, state: 'stopped' } };
  for (const words of [['ps'], ['status', 'vac-01'], ['why', 'vac-01']]) {
    const { err } = await runs(...words);
    assert.match(err, /^the holder, process 12, does not answer since .*: it is stopped\. What follows is what/);
  }
});

test('status and why without a name: of the server, and of all that are in trouble', async () => {
  const since = '2026-03-01T03:00:00.000Z';
  host.add('ts', { kind: 'tcp', state: 'waiting', startTrouble: { text: 'connection refused', since } });
  const status = await runs('status');
  assert.equal(status.code, 0);
  assert.match(status.out, /^ {2}server +holdfast 0\.1\.0, pid \d+, since 2026-/);
  assert.match(status.out, /\n4 consoles: 1 running, 1 failed, 1 dark, 1 stopped\nthis link is dark: ts\n/);
  assert.equal(JSON.parse((await runs('status', '--json')).out).consoles.length, 4);
  const why = await runs('why');
  assert.equal(why.code, 0);
  assert.match(
    why.out,
    /^vac-02: failed for [^\n]*\nts: dark for [^\n]*; connection refused since [^\n]*\n'holdfast why NAME' tells more\n$/,
  );
  assert.deepEqual(
    JSON.parse((await runs('why', '--json')).out).map(({ name }: ConsoleSummary) => name),
    ['vac-02', 'ts'],
  );
  assert.match((await runs('why', 'ts')).out, /It cannot be connected: connection refused, since 2026-/);
  for (const line of (await runCommand({ client, terminal: { columns: 40, rows: 10 } }, 'why')).out.split('\n')) {
    assert.ok(line.length <= 40, line);
  }
  const dark = await runs('status', 'ts');
  assert.deepEqual([dark.code, /\n +trouble +connection refused since \d/.test(dark.out)], [3, true], dark.out);
  const startTrouble = { text: "unknown user 'ioc'", since };
  host.add('new', { state: 'waiting', startTrouble, restarts: { hour: 1, total: 1 } });
  const NOT_STARTED = /not started for \d\w*: unknown user 'ioc'/;
  for (const words of [['ps'], ['why'], ['status', 'new']]) {
    assert.match((await runs(...words)).out, NOT_STARTED);
  }
  assert.match((await runs('why')).out, /; 1 restart in the last hour\n/);
  host.remove('new');
  host.remove('ts');
  host.remove('vac-02');
  assert.equal((await runs('why')).out, 'nothing is in trouble: 2 consoles: 1 running, 1 stopped\n');
});

test('status tells all of a console, and its exit code whether it is up', async () => {
  const { code, out } = await runs('status', 'vac-01');
  assert.equal(code, 0);
  assert.match(out, /\n +command +\.\/st\.cmd\n/);
  assert.match(out, /\n +groups +vac\n/);
  assert.equal((await runs('status', 'llrf')).code, 3);
  assert.deepEqual(JSON.parse((await runs('status', 'll', '--json')).out), await host.detail('llrf'));
});

test('why tells the last end and what happened, without who came and went', async () => {
  host.emit({ type: 'note', console: 'vac-02', text: 'swapped the card', by: ADA });
  host.emit({ type: 'attached', console: 'vac-02', session: 1, by: ADA });
  const { code, out } = await runs('why', 'vac-02');
  assert.equal(code, 0);
  assert.match(out, /It ended with an error, and its restart policy is not to try again\./);
  assert.match(out, /swapped the card/);
  assert.doesNotMatch(out, /ada came/);
  const json = JSON.parse((await runs('why', 'vac-02', '--json')).out);
  assert.deepEqual(json.events, await host.events({ console: 'vac-02', changes: true }));
});

test('a word that means no console, or several, is exit code 66', async () => {
  for (const [words, message] of [
    [['status', 'nope'], /no console is called 'nope'; 'holdfast ps' lists them/],
    [['status', 'vac'], /'vac' may be vac-01, vac-02: type more of it/],
    [['why', 'vac-*'], /'vac-\*' matches 2 consoles; this command takes one/],
    [['stop', 'x*'], /no console matches 'x\*'/],
  ] as const) {
    const { code, err } = await runs(...words);
    assert.equal(code, 66);
    assert.match(err, message);
  }
});

test('a command line that makes no sense is exit code 64, and nothing is asked of the host', async () => {
  for (const [words, message] of [
    [[], /^Usage|usage/],
    [['--socket'], /^holdfast: --socket has no value: it is --socket PATH\n$/],
    [['--json', 'ps'], /'--json' does not go before a command, only after it; 'holdfast help' lists/],
    [['atach', 'vac-01'], /there is no command 'atach'; did you mean 'attach'\?/],
    [['help', 'nonsense'], /there is no command 'nonsense'; 'holdfast help' lists them/],
    [['ps', '--nope'], /try 'holdfast help ps'/],
    [['ps', '--state', 'dead'], /'dead' is not a state; there are /],
    [['plan', 'x'], /usage: holdfast plan \[-c FILE\]\n$/],
    [['stop'], /name a console, a pattern, or --group/],
    [['hold', 'vac-01'], /--reason TEXT is missing/],
    [['hold', 'vac-01', '-r', '-x'], /option '-r' has no value; one that begins .* written '--reason=-XYZ'; try/],
    [['hold', 'vac-01', '-r', 'x', '--until', '25:00'], /'25:00' is not a time/],
    [['hold', 'vac-01', '-r', 'x', '--for', '99999999999d'], /is more than a hundred years/],
    [['hold', 'vac-01', '-r', 'x', '--for', '1h', '--until', '06:00'], /--for and --until exclude each other/],
    [['signal', 'vac-01'], /--signal SIGNAL is missing/],
    [['signal', 'vac-01', '-s', 'SIGURS1'], /there is no signal 'SIGURS1'; did you mean 'USR1'\?/],
    [['signal', 'vac-01', '-s', '0'], /there is no signal '0'/],
    [['start', 'llrf', '--timeout', '1s', '--no-wait'], /--no-wait does not go with --timeout/],
    [['start', 'llrf', '--wait', '--no-wait'], /--no-wait does not go with --wait/],
    [['isis', 'nonsense'], /'nonsense' is not one of hosts, ports, send, ping, watch/],
  ] as const) {
    const { code, err } = await runs(...words);
    assert.equal(code, 64, words.join(' '));
    assert.match(err, message);
  }
  assert.deepEqual(asked(), []);
});

test('--socket and --host may stand before the command, as in an alias', async () => {
  const sockets: string[] = [];
  const connect = (socket: string) => {
    sockets.push(socket);
    return client;
  };
  const at = async (...words: string[]) => (await runCommand({ client, connect }, ...words)).code;
  assert.equal(await at('--socket', '/a', 'ps'), 0);
  assert.equal(await at('--socket=/b', 'ps', '-q'), 0);
  assert.equal(await at('--socket', '/c', 'ps', '--socket', '/d'), 0, 'the last one holds, as everywhere');
  assert.equal(await at('--socket', '/e', 'help', 'ps'), 0, 'what asks no server needs none');
  assert.equal(await at('--socket', '/f', '--version'), 0);
  assert.deepEqual(
    sockets.filter((socket) => socket !== '/e'),
    ['/a', '/b', '/d', '/f'],
  );
  const both = await runCommand({ client, connect }, '--socket', '/a', '--host', 'ioc1', 'ps');
  assert.deepEqual([both.code, both.err], [64, 'holdfast: --host or --socket, not both\n']);
});

test('start, stop, restart act on every match; a held console is exit code 75, the others are started anyway', async () => {
  assert.equal((await runs('stop', 'vac-*')).out, 'vac-01: stopped\nvac-02: stopped\n');
  assert.equal((await runs('hold', 'vac-01', '--reason', 'HV card')).out, 'vac-01: held\n');
  const { code, out, err } = await runs('start', 'vac-*');
  assert.deepEqual({ code, out }, { code: 75, out: 'vac-02: running\n' });
  assert.equal(
    err,
    "holdfast start: vac-01: vac-01 is held by ada\nholdfast start: 'holdfast release vac-01' ends the hold\n",
  );
  assert.equal((await runs('release', 'vac-01')).out, 'vac-01: running\n');
  assert.deepEqual(
    JSON.parse((await runs('restart', '-g', 'vac', '--json')).out),
    (await host.list({ group: 'vac' })).map((row) => ({ ...row, outcome: 'done' })),
  );
  assert.deepEqual(
    host.calls.map(({ by }) => by),
    host.calls.map(({ verb }) => (verb === 'hold' ? { ...ADA, reason: 'HV card' } : ADA)),
  );
});

test('hold ends when it says: after a duration, at a time, or never', async () => {
  const before = Date.now();
  await runs('hold', 'vac-01', '-r', ' HV card ', '--for', '2h');
  await runs('hold', 'vac-01', '-r', 'beam', '--until', '2199-01-01T00:00:00Z');
  await runs('hold', 'vac-01', '-r', 'for good');
  const [[, , reason, soon], ...others] = asked() as [[string, string, string, number], ...unknown[]];
  assert.equal(reason, 'HV card');
  assert.ok(soon >= before + 7_200_000 && soon <= Date.now() + 7_200_000, String(soon));
  assert.deepEqual(others, [
    ['hold', 'vac-01', 'beam', Date.parse('2199-01-01T00:00:00Z')],
    ['hold', 'vac-01', 'for good', undefined],
  ]);
});

test('signal goes to every match, by name or number; a link is not a process', async () => {
  const { code, out } = await runs('signal', 'vac-*', '--signal', 'sigusr1');
  assert.deepEqual({ code, out }, { code: 0, out: 'vac-01: running\nvac-02: failed\n' });
  assert.equal((await runs('signal', 'vac-01', '-s', '64')).code, 0);
  assert.deepEqual(asked(), [
    ['signal', 'vac-01', 10],
    ['signal', 'vac-02', 10],
    ['signal', 'vac-01', 64],
  ]);
  host.add('plc', { kind: 'tcp' });
  const refused = await runs('signal', 'plc', '-s', 'HUP');
  assert.deepEqual([refused.code, refused.err], [1, 'holdfast signal: plc: plc is a tcp console\n']);
});

test('a reason goes with every verb to the principal that acts', async () => {
  host.emit({ type: 'note', text: 'x' });
  for (const words of [
    ['start', 'vac-01'],
    ['stop', 'vac-01'],
    ['restart', 'vac-01'],
    ['release', 'vac-01'],
    ['signal', 'vac-01', '-s', 'HUP'],
    ['reload'],
    ['down'],
  ]) {
    host.calls.length = 0;
    // It goes no further: this host has no process to end.
    host.fail('down', 'HF_BUSY', 'later');
    await runs(...words, '--reason', ' HV card ');
    assert.deepEqual(
      host.calls.map(({ verb, by }) => [verb, by]),
      [[words[0] === 'reload' ? 'apply' : words[0], { ...ADA, reason: 'HV card' }]],
    );
    const empty = await runs(...words, '--reason', ' ');
    assert.deepEqual([empty.code, empty.err], [64, 'holdfast: --reason: the TEXT is empty\n']);
  }
});

test('on a terminal, acting on more than one console asks first', async () => {
  const no = await runCommand({ client, answer: false }, 'restart', '-g', 'vac');
  assert.deepEqual(no.asked, ['restart 2 consoles (vac-01, vac-02)?']);
  assert.deepEqual([no.code, no.err, asked()], [64, 'nothing was done\n', []]);
  assert.equal((await runCommand({ client, answer: true }, 'restart', '-g', 'vac')).code, 0);
  assert.deepEqual((await runCommand({ client, answer: false }, 'restart', '-g', 'vac', '--yes')).asked, []);
  assert.deepEqual((await runCommand({ client, answer: false }, 'restart', 'vac-01')).asked, []);
  assert.equal(host.calls.length, 5);
});

test('events: the newest, of one console, after a number; each a line of JSON', async () => {
  host.emit({ type: 'note', console: 'vac-01', text: 'one', by: ADA });
  host.emit({ type: 'note', console: 'llrf', text: 'two' });
  host.emit({ type: 'note', console: 'vac-01', text: 'three' });
  const texts = async (...words: string[]) => (await runs('events', ...words)).out.match(/one|two|three/g);
  assert.deepEqual(await texts(), ['one', 'two', 'three']);
  assert.deepEqual(await texts('vac-01'), ['one', 'three']);
  assert.deepEqual(await texts('-n', '1'), ['three']);
  assert.deepEqual(await texts('--since', '1'), ['two', 'three']);
  assert.deepEqual(await texts('--since', '2026-02-28'), ['one', 'two', 'three'], 'a time');
  assert.equal(await texts('--since', '2026-03-02'), null);
  assert.deepEqual(await texts('--group', 'vac'), ['one', 'three']);
  host.emit({ type: 'attached', console: 'llrf', session: 1, by: ADA });
  assert.match((await runs('events', '--type', 'attached,writer')).out, /^\S+ \S+ {2}llrf: came: ada [^\n]+\n$/);
  assert.match((await runs('events', '--type', 'comings')).err, /there is no 'comings', but state, /);
  assert.match((await runs('events', '--since', 'yesterday')).err, /'yesterday' is not a time/);
  assert.equal((await runs('events', '-g', 'nowhere')).code, 66);
  const lines = (await runs('events', 'll', '--json')).out.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    await host.events({ console: 'llrf' }),
  );
});

test('events --follow waits for a server that is gone, and shows every event once, until Ctrl-C', async () => {
  const interrupt = new AbortController();
  const gone = new AbortController();
  const away: HostClient['followEvents'] = async function* (filter, ended) {
    yield* host.followEvents(filter, AbortSignal.any([gone.signal, ended as AbortSignal]));
    throw new HoldfastError('HF_NO_SERVER', 'gone');
  };
  let turns = 0;
  const followEvents: HostClient['followEvents'] = (...how) =>
    turns++ === 0 ? away(...how) : host.followEvents(...how);
  host.emit({ type: 'note', text: 'one' });
  const goAway = () => {
    gone.abort();
    host.emit({ type: 'note', text: 'three' });
  };
  const steps: readonly [RegExp, () => void][] = [
    [/one\n/, () => host.emit({ type: 'note', text: 'two' })],
    [/two\n/, goAway],
    [/three\n/, () => interrupt.abort()],
  ];
  let step = 0;
  const shown = (text: string) => {
    const [until, then] = steps[step] ?? [];
    if (until?.test(text)) {
      step += 1;
      const whenFollowed = () => (host.followers > 0 ? then?.() : setImmediate(whenFollowed));
      whenFollowed();
    }
  };
  const site = { client: Object.assign(actingAs(host, ADA), { followEvents }), interrupted: interrupt.signal, shown };
  const { code, out, err } = await runCommand(site, 'events', '-f');
  assert.deepEqual(out.match(/one|two|three/g), ['one', 'two', 'three']);
  assert.deepEqual([code, err], [0, '-- the server is gone; waiting for it --\n']);
});

test('plan and reload: 0 nothing to do, 2 changes, 1 some failed, 78 problems with their places', async () => {
  assert.equal((await runs('plan')).code, 0);
  host.planned = { steps: [{ action: 'add', console: 'new' }], server: [], problems: [] };
  assert.equal((await runs('plan')).code, 2);
  const applied = await runs('reload', '--json');
  assert.equal(applied.code, 2);
  assert.equal(JSON.parse(applied.out).applied, true);
  host.planned = { ...host.planned, failed: [{ action: 'add', console: 'other', reason: 'no such user' }] };
  assert.equal((await runs('reload')).code, 1);
  host.planned = { steps: [], server: [{ key: 'control_mode', effect: 'server' }], problems: [] };
  const planned = await runs('plan');
  assert.equal(planned.code, 2);
  assert.match(planned.out, /^~ \[server\]: control_mode \(with the next start of the server: .*\n1 change;/);
  const waits = await runs('reload');
  assert.equal(waits.code, 0, 'a reload changes nothing that needs a restart, however often it is asked');
  assert.match(waits.out, /Nothing to do without a restart\./);
  const problem = { file: '/etc/x.toml', line: 7, key: 'console.a.runn', message: 'unknown' };
  host.planned = { steps: [], server: [], problems: [problem] };
  const refused = await runs('reload');
  assert.equal(refused.code, 78);
  assert.match(refused.err, /^\/etc\/x\.toml:7: console\.a\.runn: unknown\n1 mistake; nothing was applied/);
});

test('grep reads logs itself if it may; otherwise the server searches all of them', async () => {
  const log = join(folder, 'llrf.log');
  writeFileSync(log, '2026-11-21T10:00:01Z one\n2026-11-21T10:00:02Z \x1b[2Jtwo\n2026-11-21T10:00:03Z three\n');
  host.add('near', { log, groups: ['rf'] }).logs = [log];
  const far: SearchRequest[] = [];
  const search: HostClient['search'] = async function* (request) {
    far.push(request);
    yield { kind: 'line', console: 'near', time: null, line: 'far', context: false, gap: false };
    yield { kind: 'unsearched', console: 'near', reason: 'a file cannot be read' };
  };
  const greps = (...words: string[]) =>
    runCommand({ client: Object.assign(actingAs(host, ADA), { search }) }, 'grep', ...words);
  const words = ['T(w|x)O', '-i', '-C1', '-g', 'rf'];
  const out = 'near- 2026-11-21T10:00:01Z one\nnear: 2026-11-21T10:00:02Z two\nnear- 2026-11-21T10:00:03Z three\n';
  assert.deepEqual(await greps(...words), { code: 0, out, err: '', asked: [] });
  assert.equal(
    (await greps('three', '--json')).out,
    `{"console":"near","time":"2026-11-21T10:00:03.000Z","line":"2026-11-21T10:00:03Z three","context":false}\n`,
  );
  assert.equal((await greps('one', '--since', '2026-11-21T10:00:02Z')).code, 1);
  assert.equal((await greps('(')).code, 64);
  assert.deepEqual(far, []);
  if (isRoot) {
    chownSync(folder, 12_345, 12_345);
  } else {
    chmodSync(log, 0);
  }
  const { code, err, out: there } = await greps(...words);
  assert.deepEqual([code, there, err], [0, 'near: far\n', 'holdfast: grep: not searched: a file cannot be read\n']);
  const context = { before: 1, after: 1 };
  assert.deepEqual(far, [{ pattern: 'T(w|x)O', fixed: false, ignoreCase: true, ...context, consoles: ['near'] }]);
});

test('logs prints the bytes, a range of lines, or lines without control characters on a terminal', async () => {
  const path = join(folder, 'llrf.log');
  writeFileSync(path, '2026-11-21T10:00:01Z one\n2026-11-21T10:00:02Z \x1b[2Jtwo\n');
  console('llrf').logs = [path];
  assert.equal((await runs('logs', 'llrf')).out, '2026-11-21T10:00:01Z one\n2026-11-21T10:00:02Z \x1b[2Jtwo\n');
  assert.equal((await runs('logs', 'llrf', '-n', '1')).out, '2026-11-21T10:00:02Z \x1b[2Jtwo\n');
  assert.equal((await runs('logs', 'll', '--until', '2026-11-21T10:00:01Z')).out, '2026-11-21T10:00:01Z one\n');
  const terminal = await runCommand({ client, answer: true }, 'logs', 'llrf', '-n', '1');
  assert.equal(terminal.out, '2026-11-21T10:00:02Z two\n');
  const none = await runs('logs', 'vac-01');
  assert.deepEqual([none.code, none.err], [1, 'holdfast: logs: vac-01 keeps no log\n']);
});

test('watch shows whole lines of several consoles with their names, until the last has ended', async () => {
  console('vac-01').say('history\r\n');
  const shown = (text: string) => {
    if (text.endsWith('vac-01 | history\n')) {
      console('llrf').say('half');
      console('vac-01').say('\x1b[2Jnews\r\n');
      console('llrf').say(' and half\r\n');
    } else if (text.endsWith('half and half\n')) {
      host.remove('vac-01');
      host.remove('llrf');
    }
  };
  const { code, out } = await runCommand({ client, shown }, 'watch', 'vac-01', 'llrf');
  assert.equal(code, 0);
  assert.deepEqual(out.split('\n').sort(), [
    ...['', 'llrf   | -- ended: the console was removed --', 'llrf   | half and half'],
    ...['vac-01 | -- ended: the console was removed --', 'vac-01 | history', 'vac-01 | news'],
  ]);
});

test('version and doctor say what they could find out, also without a server', async () => {
  assert.match(
    (await runs('version')).out,
    /^holdfast 0\.1\.0\nserver {3}0\.1\.0, pid \d+, node .*, 3 consoles\nholder/,
  );
  const socket = join(folder, 'control');
  writeFileSync(socket, '', { mode: 0o600 });
  const examined = await runCommand({ client, socket }, 'doctor', '--json');
  const checks = JSON.parse(examined.out) as { check: string; verdict: string }[];
  assert.deepEqual(
    ['server', 'holder', 'configuration'].map((name) => checks.find(({ check }) => check === name)?.verdict),
    ['ok', 'ok', 'ok'],
  );
  const version = async () => {
    throw new HoldfastError('HF_NO_SERVER', problem);
  };
  let problem = 'nobody answers';
  const nobody = { client: Object.assign(actingAs(host, ADA), { version }) };
  const told = await runCommand(nobody, 'version');
  assert.deepEqual([told.code, told.out, told.err], [0, 'holdfast 0.1.0\n', 'holdfast: version: nobody answers\n']);
  const doctor = await runCommand(nobody, 'doctor');
  assert.equal(doctor.code, 1);
  assert.match(doctor.out, /^FAILED +server: .*nobody answers/);
  problem = noServerText('/run/holdfast/control');
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  const demo = join(folder, 'holdfast-demo-a1b2c3/run');
  mkdirSync(demo, { recursive: true });
  const before = await runCommand(nobody, 'version');
  assert.doesNotMatch(before.err, /demonstration/);
  writeFileSync(join(demo, 'control'), '');
  const advised = await runCommand(nobody, 'version');
  if (TMPDIR === undefined) {
    delete process.env.TMPDIR;
  } else {
    process.env.TMPDIR = TMPDIR;
  }
  assert.ok(
    advised.err.includes(`the demonstration of npm start is at another: export HOLDFAST_SOCKET=${demo}/control`),
  );
  assert.match(
    advised.err,
    /^holdfast: version: no server answers on \/run\/holdfast\/control: '[^']+' starts it, --socket/,
  );
});

test('an error of the host is its message and the exit code of its kind', async () => {
  for (const [code, exit] of [
    ['HF_NO_HOLDER', 75],
    ['HF_BUSY', 75],
    ['HF_NO_ANSWER', 69],
    ['HF_NOT_KEPT', 1],
  ] as const) {
    host.fail('hold', code, 'so it is');
    const { code: given, err } = await runs('hold', 'vac-01', '-r', 'x');
    assert.deepEqual([given, err], [exit, 'holdfast hold: vac-01: so it is\n']);
  }
});

test('down asks before it stops everything, and says what has ended', async () => {
  const no = await runCommand({ client, answer: false }, 'down', '--all');
  assert.deepEqual([no.code, no.asked, asked()], [64, ['stop all 3 consoles and the holder?'], []]);
  const over = new AbortController();
  const ending: HostClient = Object.assign(actingAs(host, ADA), {
    // No process of this machine has it.
    version: async () => ({ ...(await host.version()), pid: 2 ** 22 + 1 }),
    followEvents: (filter: EventFilter) => host.followEvents(filter, over.signal),
    async down(all: boolean) {
      await client.down(all);
      over.abort();
    },
  });
  host.emit({ type: 'note', text: 'before' });
  const plain = await runCommand({ client: ending }, 'down');
  assert.deepEqual([plain.code, plain.out], [0, 'The server has ended; its processes go on.\n']);
  host.fail('down', 'HF_NO_HOLDER', 'it does not answer');
  const refused = await runCommand({ client }, 'down', '--all', '--yes');
  assert.deepEqual([refused.code, refused.err], [75, 'holdfast: down: it does not answer\n']);
  assert.equal(host.followers, 0);
});

/** A real ISIS server on a port of the kernel's choice. */
async function withIsis(t: TestContext): Promise<HostClient> {
  const event = () => undefined;
  const service = new IsisHostService({ version: '1', timers: systemClock, event, load: async () => undefined });
  atEnd(t, () => service.close());
  const settings = { listen: '127.0.0.1', serverPort: 0, log: false, handshaking: false };
  const place = { file: 'x.toml', line: 1 };
  await service.apply({
    isis: [{ name: 'obs', place, source: 'x.toml', settings: { ...defaultIsisConfig(), ...settings } }],
  });
  return actingAs(host, ADA, service);
}

test('isis: the servers, their hosts and ports, a command to one, its traffic', async (t) => {
  const none = await runs('isis');
  assert.deepEqual([none.code, none.err], [0, 'no ISIS server is configured: see [isis.NAME] in the configuration\n']);
  assert.equal((await runs('isis', 'hosts')).code, 66);
  const site = { client: await withIsis(t) };
  assert.match((await runCommand(site, 'isis')).out, /^NAME .*\nobs +running .* 127\.0\.0\.1:\d+ +0\/\d+/);
  assert.equal((await runCommand(site, 'isis', 'hosts', 'nope')).code, 66);
  assert.match((await runCommand(site, 'isis', 'hosts')).out, /^SLOT +HOST/);
  assert.equal((await runCommand(site, 'isis', 'ports', 'obs')).out, 'none\n');
  assert.equal((await runCommand(site, 'isis', 'ping', 'NOBODY')).code, 66);
  const unknown = await runCommand(site, 'isis', 'watch', '--type', 'nope');
  assert.deepEqual([unknown.code, unknown.out], [1, '']);
  assert.match(unknown.err, /'nope' is not one of heartbeat, ping/);
  const done = await runCommand(site, 'isis', 'send', 'IS', 'hosts');
  assert.equal(done.code, 0);
  assert.match(done.out, /^DONE: HOST No hosts currently connected/);
});
