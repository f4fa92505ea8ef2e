// How a server goes on from what the one before it has left of a console.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Handover } from '../../src/console/handover.ts';
import { Lives } from '../../src/console/lives.ts';
import type { Memo } from '../../src/console/memo.ts';
import { ProcessConsole } from '../../src/console/process-console.ts';
import type { Backend } from '../../src/model/backend.ts';
import type { KeptConsole } from '../../src/model/holder-protocol.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import type { EndRecord } from '../../src/model/process.ts';
import type { RunnerHandlers } from '../../src/model/runner.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const SIGTERM = 15;
const CHILD = { pid: 7, startedAt: 900, offset: 0 };
const END: EndRecord = {
  ...{ pid: 7, status: { code: 1, signal: null, coreDumped: false }, startedAt: 900, endedAt: 950 },
  ...{ maxRssKib: 0, lastLines: [] },
};

/** The memory left by an earlier server. */
function memo(state: Memo['state'], more: Partial<Memo> = {}): string {
  return JSON.stringify({ mode: 'always', configured: 'always', state, event: 'up', since: 910, ...more });
}

interface Given {
  readonly held?: boolean;
  readonly startsNew?: boolean;
}

/** A console that finds `kept`, what was done about it, and the memo that it leaves in turn. */
function begun(kept: Partial<KeptConsole>, { held = false, startsNew = false }: Given = {}) {
  const clock = new FakeClock(1000);
  const did: string[] = [];
  const memos: Memo[] = [];
  const host = {
    handlers: undefined as unknown as RunnerHandlers,
    start: () => void did.push('start'),
    /** Only of a start that is under way. */
    abandon: () => void (did.at(-1) === 'start' && did.push('abandon')),
    kill: (signal: number) => did.push(`kill ${signal}`) > 0,
    ...{ write: () => true, resize: () => undefined, note: () => undefined },
  };
  const supervised = new ProcessConsole({
    ...{
      child: () => ({ file: 'ioc', argv: ['ioc'] }),
      policy: { mode: 'always', holdoff: 15_000 },
      runner: host,
      clock,
    },
    stop: [{ signal: SIGTERM }, { wait: 5000 }],
    stream: new OutputStream(new OutputRing({ keep: 1000, most: 1000 }), () => clock.monotonic()),
  });
  const lives = new Lives(clock, () => false);
  const handover = new Handover({
    ...{ supervised, lives, configured: () => 'always', held: () => held, startsNew: () => startsNew },
    backend: {
      handlers: host.handlers,
      listen: () => did.push('listen'),
      remember: (text: string) => memos.push(JSON.parse(text)),
    } as unknown as Backend,
    trouble: (text) => did.push(text),
  });
  supervised.watch({
    ended: (end) => void lives.ended(end),
    changed: (transition) => {
      lives.changed(transition);
      handover.changed(transition);
    },
    redirected: () => handover.remember(),
  });
  handover.begin({ id: 1, name: 'a', head: 0, memo: '', ...kept });
  assert.equal(did.pop(), 'listen', 'last: what befell the child meanwhile is heard then');
  return { clock, did, handlers: host.handlers, lives, memos, supervised };
}

const FOUND: readonly (readonly [string, Partial<KeptConsole>, Given, Memo['state'], readonly string[]])[] = [
  ['a console that is new and starts', {}, { startsNew: true }, 'starting', ['start']],
  ['a console that is new and does not start', {}, {}, 'stopped', []],
  ['a console that is new and held', {}, { startsNew: true, held: true }, 'held', []],
  ['a child that runs', { ...CHILD, memo: memo('running') }, {}, 'running', []],
  ['a child that is ready', { ...CHILD, memo: memo('ready') }, {}, 'ready', []],
  ['a child that nobody remembers', CHILD, {}, 'running', []],
  ['a child that is held since', { ...CHILD, memo: memo('running') }, { held: true }, 'stopping', [`kill ${SIGTERM}`]],
  [
    'a child that was being stopped',
    { ...CHILD, memo: memo('stopping', { event: 'stop' }) },
    {},
    'stopping',
    [`kill ${SIGTERM}`],
  ],
  ['no child where one ran', { memo: memo('running') }, {}, 'starting', ['start']],
  ['no child where one was to be started', { memo: memo('starting') }, {}, 'starting', ['start']],
  [
    'no child where one was being stopped',
    { memo: memo('stopping', { event: 'stop' }) },
    {},
    'stopping',
    ['start', 'abandon'],
  ],
  ['no child where one ran, and a hold', { memo: memo('running') }, { held: true }, 'held', []],
  ['a console that was held', { memo: memo('held') }, { held: true }, 'held', []],
  ['a console that was stopped', { memo: memo('stopped') }, { startsNew: true }, 'stopped', []],
  ['a console that had given up', { memo: memo('crash-looping') }, {}, 'crash-looping', []],
];

for (const [what, kept, given, state, did] of FOUND) {
  test(`found: ${what}`, () => {
    const now = begun(kept, given);
    assert.deepEqual([now.supervised.state, now.did], [state, did]);
  });
}

test('an end that no server has seen is handled late, and followed as the policy says', () => {
  const { lives, memos, supervised } = begun({ end: END, memo: memo('running') });
  assert.deepEqual(
    lives.deaths.map(({ pid, code }) => [pid, code]),
    [[7, 1]],
  );
  assert.equal(supervised.state, 'waiting');
  assert.deepEqual([memos.at(-1)?.state, memos.at(-1)?.event], ['waiting', 'ended-again']);
});

test('a handled end is not reported again', () => {
  const { lives, supervised } = begun({ end: END, memo: memo('failed') });
  assert.deepEqual([lives.deaths, supervised.state], [[], 'failed']);
});

test('a stop that an earlier server began towards a restart ends in one', () => {
  const { clock, did, handlers, memos, supervised } = begun({
    ...CHILD,
    memo: memo('stopping', { event: 'restart' }),
  });
  assert.deepEqual([memos.at(-1)?.state, memos.at(-1)?.event], ['stopping', 'restart']);
  handlers.ended(END);
  clock.advance(0);
  assert.deepEqual([supervised.state, did], ['starting', [`kill ${SIGTERM}`, 'start']]);
});

test('mode, crashes and restarts go on; a mode that was configured since wins', () => {
  const crashes = { early: 2, restarts: [5] };
  const { lives, supervised } = begun({ ...CHILD, memo: memo('running', { mode: 'never', restarts: 3, crashes }) });
  assert.deepEqual([supervised.supervisor.policy.mode, lives.restarts.total, lives.since], ['never', 3, 910]);
  assert.equal(supervised.supervisor.crashes.early, crashes.early);
  const changed = begun({ ...CHILD, memo: memo('running', { mode: 'never', configured: 'on-failure' }) });
  assert.equal(changed.supervised.supervisor.policy.mode, 'always');
});

test('an invalid memo is reported, and the console is treated as new', () => {
  const { did, supervised } = begun({ memo: '{}' }, { startsNew: true });
  assert.match(did[0] ?? '', /^what the last server left makes no sense/);
  assert.equal(supervised.state, 'starting');
});

test('a stop towards a hold is remembered as one', () => {
  const { clock, handlers, memos, supervised } = begun({ ...CHILD, memo: memo('running') }, { held: true });
  assert.deepEqual([memos.at(-1)?.state, memos.at(-1)?.event], ['stopping', 'hold']);
  supervised.supervisor.release();
  assert.deepEqual([memos.at(-1)?.state, memos.at(-1)?.event], ['stopping', 'stop']);
  supervised.supervisor.hold();
  handlers.ended(END);
  clock.advance(0);
  assert.equal(supervised.state, 'held');
});
