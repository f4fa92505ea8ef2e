import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUp, PROCESS_EVENTS, PROCESS_STATES, type ProcessState } from '../../src/model/process.ts';
import type { RestartPolicy } from '../../src/model/supervision.ts';
import { holdoffAfter, judge } from '../../src/supervisor/policy.ts';
import { Supervisor } from '../../src/supervisor/supervisor.ts';
import {
  STOP_END,
  SUPERVISOR_STATES,
  type SupervisorState,
  shown,
  TRANSITIONS,
} from '../../src/supervisor/transitions.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { person } from '../fakes/principals.ts';

const ALWAYS: RestartPolicy = { mode: 'always', holdoff: 15_000 };
const EXIT_0 = { code: 0, signal: null, coreDumped: false };
const EXIT_1 = { code: 1, signal: null, coreDumped: false };

function supervise(policy: RestartPolicy) {
  const clock = new FakeClock();
  const log: string[] = [];
  const launcher = { launch: () => void log.push('launch'), halt: () => void log.push('halt') };
  const supervisor = new Supervisor(policy, launcher, clock, ({ to }) => void log.push(to));
  return { clock, log, supervisor };
}

test('every event is answered in every state, and every state can be reached', () => {
  const reached = new Set<SupervisorState>(['stopped']);
  for (const state of SUPERVISOR_STATES) {
    for (const event of PROCESS_EVENTS) {
      const step = TRANSITIONS[state][event];
      assert.notEqual(step, undefined, `${state} has no answer to ${event}`);
      if (step) {
        reached.add(step.to);
      }
    }
  }
  assert.deepEqual([...reached].sort(), [...SUPERVISOR_STATES].sort());
  assert.deepEqual(new Set(SUPERVISOR_STATES.map(shown)), new Set(PROCESS_STATES));
});

test('a launch leads to a state with a child, and only such states are halted', () => {
  for (const state of SUPERVISOR_STATES) {
    for (const event of PROCESS_EVENTS) {
      const step = TRANSITIONS[state][event];
      if (step?.does === 'launch') {
        assert.equal(step.to, 'starting');
        assert.ok(!isUp(shown(state)), `${state} would get a second child`);
      }
      if (step?.does === 'halt') {
        assert.ok(isUp(shown(state)) && shown(state) !== 'stopping' && shown(step.to) === 'stopping');
      }
      if (step?.does === 'schedule' || step?.does === 'relaunch') {
        assert.equal(step.to, 'waiting');
      }
    }
  }
});

test('a process that was told to stop stays stopped, whatever the policy says', () => {
  const stops = SUPERVISOR_STATES.filter((state) => shown(state) === 'stopping');
  assert.deepEqual(stops.sort(), Object.keys(STOP_END).sort());
  for (const state of stops) {
    const ends = PROCESS_EVENTS.filter((event) => event.startsWith('ended-') && TRANSITIONS[state][event]);
    assert.deepEqual(ends, [STOP_END[state as keyof typeof STOP_END]], state);
  }
});

type Word = 'start' | 'stop' | 'restart' | 'hold' | 'release';

/** The action after the stop under way, by the requests in sequence: a hold outlasts everything except a release. */
const FOLLOWS: Readonly<Record<Word, (before: ProcessState) => ProcessState>> = {
  start: (before) => (before === 'held' ? 'held' : 'starting'),
  stop: (before) => (before === 'held' ? 'held' : 'stopped'),
  restart: (before) => (before === 'held' ? 'held' : 'starting'),
  hold: () => 'held',
  release: (before) => (before === 'held' ? 'stopped' : before),
};

const WORDS = Object.keys(FOLLOWS) as readonly Word[];

test('any sequence of requests and facts keeps at most one child, and every stop leads where the last request says', () => {
  const words = fc.constantFrom(...WORDS, 'up', 'end', 'never', 'always', 'tick');
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (sequence) => {
      let children = 0;
      /** The action after the stop; undefined if none is under way. */
      let following: ProcessState | undefined;
      const clock = new FakeClock();
      const launcher = {
        launch: () => {
          children++;
          assert.equal(children, 1, 'two children at once');
        },
        halt: () => assert.equal(children, 1, 'nobody to stop'),
      };
      const supervisor = new Supervisor(ALWAYS, launcher, clock, () => undefined);
      for (const word of sequence) {
        if (word === 'up' && children > 0) {
          supervisor.spawned();
        } else if (word === 'end' && children > 0) {
          children--;
          supervisor.ended(EXIT_1);
          clock.advance(0);
          if (following !== undefined) {
            assert.equal(supervisor.state, following);
          }
          following = undefined;
        } else if (word === 'never' || word === 'always') {
          supervisor.setMode(word);
        } else if (word === 'tick') {
          clock.advance(20_000);
        } else if (word !== 'up' && word !== 'end') {
          supervisor[word]();
          if (supervisor.state === 'stopping') {
            following = FOLLOWS[word](following ?? 'stopped');
          }
        }
        assert.equal(children > 0, isUp(supervisor.state), `${supervisor.state} with ${children} children`);
        assert.equal(supervisor.staysDown, following === 'stopped' || following === 'held');
      }
    }),
  );
});

test('a change of what follows a stop is reported, with who asked for the new start', () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const launcher = { launch: () => undefined, halt: () => undefined };
  const supervisor = new Supervisor(ALWAYS, launcher, clock, ({ from, to, event, by }) =>
    told.push(`${from} -> ${to} (${event}${by === undefined ? '' : ` by ${by.user}`})`),
  );
  supervisor.start();
  supervisor.spawned();
  told.length = 0;
  supervisor.restart(person('ada'));
  supervisor.restart(person('bob'));
  supervisor.hold(person('ada'));
  supervisor.hold(person('bob'));
  supervisor.release(person('ada'));
  supervisor.start(person('bob'));
  supervisor.start(person('cyd'));
  assert.deepEqual(told.splice(0), [
    'running -> stopping (restart by ada)',
    'stopping -> stopping (hold by ada)',
    'stopping -> stopping (release by ada)',
    'stopping -> stopping (start by bob)',
  ]);
  supervisor.ended(EXIT_1);
  clock.advance(0);
  assert.deepEqual(told, ['stopping -> waiting (ended-again)', 'waiting -> starting (due by cyd)']);
  assert.deepEqual(supervisor.crashes, { early: 1, restarts: [] }, 'no automatic restart');
});

test('a restart that was asked for before a hold does not outlive it', () => {
  const { clock, log, supervisor } = supervise({ ...ALWAYS, mode: 'never' });
  supervisor.start();
  supervisor.spawned();
  supervisor.restart();
  supervisor.hold();
  supervisor.ended(EXIT_0);
  supervisor.release();
  log.length = 0;
  supervisor.setMode('always');
  clock.advance(14_999);
  assert.deepEqual(log, ['waiting'], 'the holdoff is waited for');
  clock.advance(1);
  assert.deepEqual(log, ['waiting', 'starting', 'launch']);
});

test('the holdoff runs from the start of the child', () => {
  const { clock, log, supervisor } = supervise(ALWAYS);
  supervisor.start();
  supervisor.spawned();
  clock.advance(10_000);
  supervisor.ended(EXIT_1);
  assert.deepEqual(log.splice(0), ['starting', 'launch', 'running', 'waiting']);
  clock.advance(4_999);
  assert.deepEqual(log, []);
  clock.advance(1);
  assert.deepEqual(log.splice(0), ['starting', 'launch']);
  supervisor.spawned();
  clock.advance(60_000);
  supervisor.ended(EXIT_1);
  clock.advance(0);
  assert.deepEqual(log.splice(0), ['running', 'waiting', 'starting', 'launch']);
});

test('a requested start does not wait for the holdoff', () => {
  const { log, supervisor } = supervise(ALWAYS);
  supervisor.start();
  supervisor.spawned();
  supervisor.ended(EXIT_1);
  log.length = 0;
  supervisor.start();
  assert.deepEqual(log, ['starting', 'launch']);
});

test('restart goes on at once when the child is gone', () => {
  const { clock, log, supervisor } = supervise({ ...ALWAYS, mode: 'never' });
  supervisor.start();
  supervisor.spawned();
  supervisor.restart();
  supervisor.ended(EXIT_0);
  clock.advance(0);
  assert.deepEqual(log, ['starting', 'launch', 'running', 'stopping', 'halt', 'waiting', 'starting', 'launch']);
});

test('a request to a process that is being stopped is carried out when it has ended', () => {
  const after = (...words: ('start' | 'stop' | 'restart' | 'hold' | 'release')[]) => {
    const { clock, supervisor } = supervise(ALWAYS);
    supervisor.start();
    supervisor.spawned();
    clock.advance(1_000);
    for (const word of words) {
      supervisor[word]();
    }
    supervisor.ended(EXIT_1);
    clock.advance(0);
    return supervisor.state;
  };
  assert.equal(after('stop', 'start'), 'starting');
  assert.equal(after('restart', 'stop'), 'stopped');
  assert.equal(after('hold', 'release'), 'stopped');
  assert.equal(after('hold', 'release', 'start'), 'starting');
  assert.equal(after('hold', 'stop'), 'held', 'it is held until a release');
  assert.equal(after('hold', 'start'), 'held');
  assert.equal(after('stop', 'hold', 'restart'), 'held');
});

test('a hold outlasts everything except a release', () => {
  const { clock, log, supervisor } = supervise(ALWAYS);
  supervisor.start();
  supervisor.spawned();
  supervisor.hold(person('anna'));
  supervisor.ended(EXIT_1);
  clock.advance(100_000);
  supervisor.start();
  supervisor.setMode('always');
  assert.equal(supervisor.state, 'held');
  log.length = 0;
  supervisor.release();
  supervisor.start();
  assert.deepEqual(log, ['stopped', 'starting', 'launch']);
});

test('too many restarts wait for a person, whose start resets the count', () => {
  const { clock, supervisor } = supervise({ mode: 'always', holdoff: 0, limit: { count: 3, within: 60_000 } });
  supervisor.start();
  for (let i = 0; i < 3; i++) {
    supervisor.spawned();
    supervisor.ended(EXIT_1);
    clock.advance(1000);
  }
  supervisor.spawned();
  supervisor.ended(EXIT_1);
  assert.equal(supervisor.state, 'crash-looping');
  supervisor.start();
  supervisor.spawned();
  supervisor.ended(EXIT_1);
  assert.equal(supervisor.state, 'waiting');
});

test('the next server goes on with the back-off and the limit of the one before it', () => {
  const policy: RestartPolicy = {
    mode: 'always',
    holdoff: 1000,
    backoff: { factor: 2, most: 8000 },
    limit: { count: 3, within: 60_000 },
  };
  const before = supervise(policy);
  before.supervisor.start();
  for (let i = 0; i < 3; i++) {
    before.supervisor.spawned();
    before.supervisor.ended(EXIT_1);
    before.clock.advance([1000, 2000, 0][i] as number);
  }
  const after = supervise(policy);
  after.clock.advance(before.clock.now() - after.clock.now());
  after.supervisor.crashes = JSON.parse(JSON.stringify(before.supervisor.crashes));
  after.supervisor.adopt('waiting', before.clock.now());
  after.clock.advance(3999);
  assert.equal(after.supervisor.state, 'waiting', 'the third early death in a row costs 4 s');
  after.clock.advance(1);
  after.supervisor.spawned();
  after.supervisor.ended(EXIT_1);
  assert.equal(after.supervisor.state, 'crash-looping');

  const later = supervise(policy);
  later.clock.advance(before.clock.now() - later.clock.now() + 60_000);
  later.supervisor.crashes = before.supervisor.crashes;
  assert.deepEqual(later.supervisor.crashes.restarts, [], 'what is older than the window does not count');
});

test('auto restart switched on while the child is down starts it after its holdoff', () => {
  const { clock, log, supervisor } = supervise({ ...ALWAYS, mode: 'never' });
  supervisor.start();
  supervisor.spawned();
  supervisor.ended(EXIT_0);
  log.length = 0;
  supervisor.setMode('always');
  clock.advance(14_999);
  assert.deepEqual(log, ['waiting']);
  clock.advance(1);
  assert.deepEqual(log, ['waiting', 'starting', 'launch']);
});

test('back-off grows with every early death up to its limit and is forgotten after a long life', () => {
  const policy: RestartPolicy = { mode: 'always', holdoff: 1000, backoff: { factor: 2, most: 5000 } };
  assert.deepEqual(
    [0, 1, 2, 3, 4, 9].map((early) => holdoffAfter(policy, early)),
    [1000, 1000, 2000, 4000, 5000, 5000],
  );
  const { clock, supervisor, log } = supervise(policy);
  const waits: number[] = [];
  supervisor.start();
  for (let i = 0; i < 4; i++) {
    supervisor.spawned();
    supervisor.ended(EXIT_1);
    log.length = 0;
    let waited = 0;
    for (; log.length === 0; waited += 500) {
      clock.advance(500);
    }
    waits.push(waited);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 5000]);
  supervisor.spawned();
  clock.advance(10_000);
  supervisor.ended(EXIT_1);
  clock.advance(0);
  assert.equal(supervisor.state, 'starting');
});

test('the effect of an end in each mode', () => {
  const verdict = (mode: RestartPolicy['mode'], status: typeof EXIT_0) => judge({ mode, holdoff: 0 }, status, [], 0);
  assert.equal(verdict('always', EXIT_0), 'ended-again');
  assert.equal(verdict('on-failure', EXIT_0), 'ended-rest');
  assert.equal(verdict('on-failure', EXIT_1), 'ended-again');
  assert.equal(verdict('never', EXIT_0), 'ended-rest');
  assert.equal(verdict('never', EXIT_1), 'ended-failed');
  assert.equal(verdict('oneshot', EXIT_1), 'ended-rest');
});

const LINE = { spin: { count: 3, within: 1000 }, retries: true, againAtZero: true };

/** A line: opens, and is open for a while. */
function line(policy: Partial<RestartPolicy> = {}) {
  const site = supervise({ mode: 'always', holdoff: 0, line: LINE, ...policy });
  const { clock, supervisor } = site;
  const lives = (milliseconds: number, status = EXIT_1) => {
    supervisor.spawned();
    clock.advance(milliseconds);
    supervisor.ended(status);
  };
  const attempts = () => site.log.filter((each) => each === 'launch').length;
  supervisor.start();
  return { ...site, attempts, lives };
}

test('a line that cannot be opened is retried after 5, 10, 20, 40, 60, 60 s, and from 5 on again once it was open', () => {
  const { attempts, clock, lives, supervisor } = line();
  const pauses = [5000, 10_000, 20_000, 40_000, 60_000, 60_000];
  for (const [index, pause] of pauses.entries()) {
    supervisor.ended(EXIT_1, true);
    assert.equal(supervisor.state, 'waiting');
    clock.advance(pause - 1);
    assert.equal(attempts(), index + 1);
    clock.advance(1);
    assert.equal(attempts(), index + 2);
  }
  lives(5000);
  clock.advance(0);
  supervisor.ended(EXIT_1, true);
  clock.advance(5000);
  assert.equal(attempts(), pauses.length + 3);
});

test('a line that ends is opened at once, until it ends too often too soon; then it has a minute', () => {
  const { attempts, clock, lives, supervisor } = line();
  lives(1001);
  clock.advance(0);
  for (let end = 1; end <= 2; end++) {
    lives(1000);
    assert.equal(supervisor.state, 'waiting');
    clock.advance(0);
  }
  lives(0);
  assert.equal(supervisor.state, 'crash-looping');
  assert.equal(attempts(), 4);
  clock.advance(59_999);
  assert.equal(attempts(), 4);
  clock.advance(1);
  assert.equal(attempts(), 5);
  supervisor.stop();
});

test('without a limit a line that ends at once gets a breath', () => {
  const { attempts, clock, lives } = line({ line: { ...LINE, spin: { count: 0, within: 0 } } });
  for (let end = 1; end <= 5; end++) {
    lives(1);
    clock.advance(0);
    assert.equal(attempts(), end + 1);
  }
  lives(1);
  clock.advance(149);
  assert.equal(attempts(), 6);
  clock.advance(1);
  assert.equal(attempts(), 7);
});

test('a line that does not come back by itself does after exit status 0, unless it is a link', () => {
  const command = line({ mode: 'never', line: { ...LINE, retries: false } });
  command.lives(5000, EXIT_0);
  assert.equal(command.supervisor.state, 'waiting');
  command.clock.advance(0);
  command.lives(5000);
  assert.equal(command.supervisor.state, 'stopped');
  const link = line({ mode: 'never', line: { ...LINE, retries: false, againAtZero: false } });
  link.lives(5000, EXIT_0);
  assert.equal(link.supervisor.state, 'stopped');
  const closed = line({ line: { ...LINE, retries: false } });
  closed.supervisor.ended(EXIT_1, true);
  assert.equal(closed.supervisor.state, 'stopped');
});

test('a brake that has an end is over sooner when somebody asks, and never when it is held', () => {
  for (const ask of ['start', 'hold', 'stop'] as const) {
    const { attempts, clock, lives, supervisor } = line({ line: { ...LINE, spin: { count: 1, within: 1000 } } });
    lives(0);
    supervisor[ask]();
    assert.equal(attempts(), ask === 'start' ? 2 : 1);
    clock.advance(120_000);
    assert.equal(attempts(), ask === 'start' ? 2 : 1);
  }
});
