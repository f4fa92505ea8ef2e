// Verbs that come back when they are done: at a host in memory whose consoles change their states as the test says.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ConsoleDetail, DeathInfo } from '../../../src/model/api.ts';
import { HoldfastError } from '../../../src/model/errors.ts';
import type { FeedPlace } from '../../../src/model/feed.ts';
import type { HostClient } from '../../../src/model/host-port.ts';
import { PROCESS_STATES, type ProcessState } from '../../../src/model/process.ts';
import { progressOf, WAITED } from '../../../src/model/verb-progress.ts';
import { actingAs } from '../../fakes/acting-as.ts';
import type { FakeConsole } from '../../fakes/fake-console.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { person } from '../../fakes/principals.ts';
import { runCommand, type Site } from '../../harness/run-command.ts';

const ADA = person('ada');
const T0 = Date.parse('2026-03-01T03:00:00.000Z');

let host: FakeHost;
let client: HostClient;
let steps: number;

/** Each state is a second after the one before it. */
function becomes(console: FakeConsole, state: ProcessState, more: Partial<ConsoleDetail> = {}): void {
  steps++;
  const { pid: _, ...others } = console.overrides;
  console.overrides = { ...others, state, since: new Date(T0 + steps * 1000).toISOString(), ...more };
  host.emit({ type: 'state', console: console.name, from: 'starting', to: state, cause: 'up' });
}

function death(more: Partial<DeathInfo> = {}): DeathInfo {
  const time = new Date(T0 + (steps + 1) * 1000).toISOString();
  return {
    ...{ time, pid: 9, uptimeSeconds: 1, code: 3, signal: null, coreDumped: false, outOfMemory: false, maxRssKib: 0 },
    lastLines: ['epics> ', 'no license'],
    ...more,
  };
}

/** The verb is accepted with the first of these states; the others follow once that has been told. */
function follows(verb: 'start' | 'stop' | 'restart' | 'release', name: string, ...then: (() => void)[]): void {
  const console = host.consoles.get(name) as FakeConsole;
  host[verb] = async () => {
    const [first, ...rest] = then;
    first?.();
    const accepted = console.summary();
    let at = 0;
    const next = () => {
      rest[at++]?.();
      if (at < rest.length) {
        setTimeout(next, 300);
      }
    };
    setTimeout(next, 20);
    return accepted;
  };
}

const runs = (site: Partial<Site>, ...words: string[]) => runCommand({ client, ...site }, ...words);
const console = (name: string) => host.consoles.get(name) as FakeConsole;

beforeEach(() => {
  steps = 0;
  host = new FakeHost();
  host.add('a', { state: 'ready', pid: 8 });
  host.add('b', { state: 'stopped' });
  client = actingAs(host, ADA);
});

afterEach(() => assert.equal(host.watchers, 0, 'the table is watched still'));

test('every verb ends in every state in which a console can stay', () => {
  const passing: ReadonlySet<ProcessState> = new Set(['starting', 'stopping']);
  const accepted = { ...console('a').summary(), state: 'stopping' as const };
  for (const verb of WAITED) {
    for (const state of PROCESS_STATES.filter((each) => !passing.has(each))) {
      assert.notEqual(progressOf(verb, accepted, { ...accepted, state }), 'pending', `${verb}, ${state}`);
    }
    const done = PROCESS_STATES.filter((state) => progressOf(verb, accepted, { ...accepted, state }) === 'done');
    assert.deepEqual(
      done,
      {
        start: ['running', 'ready'],
        restart: ['running', 'ready'],
        stop: ['stopped', 'held', 'crash-looping', 'failed'],
        hold: ['held'],
        release: ['stopped', 'running', 'ready'],
      }[verb],
    );
  }
});

test('each is waited for, with a line as it happens; --no-wait says how they are when it is accepted', async () => {
  const [a, b] = [console('a'), console('b')];
  follows(
    'stop',
    'a',
    () => becomes(a, 'stopping'),
    () => becomes(a, 'stopped'),
  );
  assert.deepEqual(await runs({}, 'stop', 'a'), { code: 0, out: 'a: stopped\n', err: '', asked: [] });
  follows(
    'start',
    'b',
    () => becomes(b, 'starting'),
    () => becomes(b, 'running'),
    () => becomes(b, 'ready'),
  );
  assert.equal((await runs({}, 'start', 'b', '--no-wait')).out, 'b: starting\n');
  follows(
    'restart',
    'a',
    () => becomes(a, 'stopping'),
    () => becomes(a, 'waiting'),
  );
  const detail = client.detail.bind(client);
  client.detail = async (name) => {
    // The wait between an end and the start after it is over when somebody asks.
    becomes(a, 'starting');
    setTimeout(() => becomes(a, 'ready', { pid: 9 }), 20);
    return detail(name);
  };
  assert.deepEqual(await runs({}, 'restart', 'a'), { code: 0, out: 'a: ready\n', err: '', asked: [] });
});

test('what ends instead of coming up is a failure: with its end, and its last lines', async () => {
  const b = console('b');
  const fails = async (...words: string[]) => {
    const { code, out, err } = await runs({}, 'start', 'b', ...words);
    return [code, out, err];
  };
  follows(
    'start',
    'b',
    () => becomes(b, 'starting'),
    () => becomes(b, 'crash-looping', { deaths: [death()] }),
  );
  const told = 'holdfast start: b: crash-looping: exit code 3\n    epics> \n    no license\n';
  assert.deepEqual(await fails(), [1, '', told]);
  const [json, ...others] = JSON.parse((await fails('--json'))[1] as string);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [json.name, json.state, json.outcome, json.problem, json.lastLines],
    ['b', 'crash-looping', 'failed', 'exit code 3', ['epics> ', 'no license']],
  );
  // Seen only when it is up again.
  const restarts = { hour: 1, total: 1 };
  follows(
    'start',
    'b',
    () => becomes(b, 'starting'),
    () => becomes(b, 'running', { restarts, deaths: [death()] }),
  );
  assert.deepEqual((await fails()).slice(0, 2), [1, '']);
  // It was not even started.
  follows(
    'start',
    'b',
    () => becomes(b, 'starting'),
    () => {
      const { seq, time, ...event } = host.emit({ type: 'notStarted', console: 'b', reason: 'connection refused' });
      becomes(b, 'waiting', { deaths: [] });
      client.events = async () => [{ ...event, seq, time: b.summary().since, text: '', type: 'notStarted' }];
    },
  );
  assert.deepEqual(await fails(), [1, '', 'holdfast start: b: waiting: connection refused\n']);
});

test('a task that has ended well is done', async () => {
  const b = console('b');
  follows(
    'start',
    'b',
    () => becomes(b, 'starting'),
    () => becomes(b, 'stopped', { deaths: [death({ code: 0 })] }),
  );
  assert.deepEqual(await runs({}, 'start', 'b'), { code: 0, out: 'b: stopped\n', err: '', asked: [] });
  const asked = death({ code: 0, asked: 'vera' });
  follows(
    'start',
    'b',
    () => becomes(b, 'starting'),
    () => becomes(b, 'stopped', { deaths: [asked] }),
  );
  const { code, err } = await runs({}, 'start', 'b');
  assert.deepEqual(
    [code, err.split('\n')[0]],
    [1, 'holdfast start: b: stopped: ended with exit code 0, asked for by vera'],
  );
});

test('the time is over: exit code 4; some are refused, others are done', async () => {
  const a = console('a');
  follows('stop', 'a', () => becomes(a, 'stopping'));
  const late = await runs({}, 'stop', 'a', '--timeout', '0.1s');
  assert.deepEqual(late, { code: 4, out: '', err: 'holdfast stop: a: stopping: not down after 0s\n', asked: [] });
  const stop = host.stop;
  host.stop = async (name, by) => {
    if (name === 'b') {
      throw new HoldfastError('HF_FORBIDDEN', 'ask vera');
    }
    return stop.call(host, name, by);
  };
  const { code, out, err } = await runs({}, 'stop', 'a', 'b', '--timeout', '0.1s', '--json');
  assert.equal(code, 4, 'that of the first of them');
  assert.match(err, /^holdfast stop: b: ask vera\n/);
  assert.deepEqual(
    JSON.parse(out).map(({ name, outcome, problem }: Record<string, string>) => [name, outcome, problem]),
    [
      ['a', 'timedOut', 'not down after 0s'],
      ['b', 'refused', 'ask vera'],
    ],
  );
});

test('Ctrl-C ends the waiting and says that the rest goes on', async () => {
  const a = console('a');
  follows('stop', 'a', () => becomes(a, 'stopping'));
  const interrupt = new AbortController();
  const watch = client.watch.bind(client);
  client.watch = (after?: FeedPlace, ended?: AbortSignal) => {
    setTimeout(() => interrupt.abort(), 50);
    return watch(after, ended);
  };
  const { code, out, err } = await runs({ interrupted: interrupt.signal }, 'stop', 'a');
  assert.deepEqual([code, out], [130, '']);
  assert.match(err, /^\nnot waiting any more for a; the stop goes on: 'holdfast ps' shows it\n$/);
});

test('a server that goes is waited for', async () => {
  const a = console('a');
  follows('stop', 'a', () => becomes(a, 'stopping'));
  const watch = client.watch.bind(client);
  let servers = 0;
  client.watch = async function* (after?: FeedPlace, ended?: AbortSignal) {
    servers++;
    if (servers === 2) {
      throw new HoldfastError('HF_NO_SERVER', 'it is gone');
    }
    for await (const news of watch(after, ended)) {
      yield news;
      if (servers === 1 && a.overrides.state === 'stopping') {
        setTimeout(() => becomes(a, 'stopped'), 300);
        throw new HoldfastError('HF_NO_SERVER', 'it is gone');
      }
    }
  };
  const { code, out, err } = await runs({}, 'stop', 'a');
  assert.deepEqual([code, out], [0, 'a: stopped\n']);
  assert.equal(err, 'holdfast stop: the server is gone; waiting for it\nholdfast stop: the server is back\n');
});

test('on a terminal those that are waited for stand below what is done, and go', async () => {
  const [a, b] = [console('a'), console('b')];
  follows('start', 'b', () => becomes(b, 'starting'));
  const terminal = { columns: 40, rows: 10 };
  let isUp = false;
  const shown = (text: string) => {
    if (!isUp && text.includes('b: starting')) {
      isUp = true;
      setImmediate(() => becomes(b, 'running'));
    }
  };
  const { code, out } = await runs({ terminal, shown }, 'start', 'b');
  assert.equal(code, 0);
  assert.match(out, /b: starting for \d+/);
  assert.ok(out.endsWith('\x1b[1A\r\x1b[Jb: running\n'), JSON.stringify(out));
  follows(
    'stop',
    'a',
    () => becomes(a, 'stopping'),
    () => becomes(a, 'stopped'),
  );
  const dumb = await runs({ terminal, env: { TERM: 'dumb' } }, 'stop', 'a');
  assert.deepEqual([dumb.code, dumb.out], [0, 'a: stopped\n']);
});

test('a server without a table to follow is asked all the same', async () => {
  client.watch = async function* () {
    yield* [];
    throw new HoldfastError('HF_NO_ROUTE', 'there is no /v1/watch');
  };
  const { code, out, err } = await runs({}, 'stop', 'a');
  assert.deepEqual([code, out], [0, 'a: stopped\n']);
  assert.equal(err, 'holdfast stop: the server is older and does not tell what follows: not waiting\n');
});
