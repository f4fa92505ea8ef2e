// The path of output from a source to its readers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatedRunner } from '../../src/console/gated-runner.ts';
import { ProcessConsole } from '../../src/console/process-console.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import type { EndRecord } from '../../src/model/process.ts';
import type { ChildSpec, Runner, RunnerHandlers } from '../../src/model/runner.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const EXIT_0 = { code: 0, signal: null, coreDumped: false };

/** The end of a child, as reported by a runner without further details. */
function endOf(pid: number): EndRecord {
  return { pid, status: EXIT_0, startedAt: 0, endedAt: 1, maxRssKib: 0, lastLines: [] };
}

/** A console with one reader, and what happened, in order. */
function watched(child: () => ChildSpec | Promise<ChildSpec> = () => ({ file: 'x', argv: ['x'] })) {
  const clock = new FakeClock();
  const ring = new OutputRing({ keep: 65536, most: 65536 });
  const host = {
    handlers: {} as RunnerHandlers,
    start: () => host.handlers.started(1, undefined),
    write: () => true,
    kill: () => true,
    resize: () => undefined,
    note: (bytes: Uint8Array) => {
      ring.note(bytes);
      host.handlers.advanced();
    },
  } satisfies Runner;
  const stream = new OutputStream(ring, clock.monotonic.bind(clock));
  const console = new ProcessConsole({
    child,
    policy: { mode: 'never', holdoff: 0 },
    stop: [],
    runner: host,
    stream,
    clock,
  });
  const happened: string[] = [];
  stream.subscribe({
    write: (bytes) => {
      happened.push(Buffer.from(bytes).toString());
      return true;
    },
    missed: () => undefined,
  });
  return { console, host, happened };
}

test('output of one turn is one write for each reader', async () => {
  const { console, happened } = watched();
  for (let n = 0; n < 100; n++) {
    console.say(`${n} `);
  }
  await Promise.resolve();
  assert.deepEqual(happened, [Array.from({ length: 100 }, (_, n) => `${n} `).join('')]);
  console.say('more');
  await Promise.resolve();
  assert.equal(happened[1], 'more');
});

test('readers get the last words of a child before its end is reported', async () => {
  const { console, host, happened } = watched();
  console.watch({ started: () => happened.push('started'), ended: () => happened.push('ended') });
  console.say('before the start');
  console.supervisor.start();
  console.say('last words');
  host.handlers.ended(endOf(1));
  assert.deepEqual(happened, ['before the start', 'started', 'last words', 'ended']);
  await Promise.resolve();
  assert.equal(happened.length, 4);
});

test('an end is reported first, then its consequences, then that all is decided', () => {
  const { console, host, happened } = watched();
  console.supervisor.start();
  console.watch({
    ended: ({ pid }) => happened.push(`${pid} ended`),
    changed: ({ to }) => happened.push(to),
    settled: () => happened.push('settled'),
  });
  host.handlers.ended(endOf(1));
  assert.deepEqual(happened, ['1 ended', 'stopped', 'settled']);
  assert.equal(console.lastEnd, EXIT_0);
});

test('a start that fails at once is a separate change, after that to starting', () => {
  const { console, happened } = watched(() => {
    throw new Error('no such user');
  });
  console.watch({
    notStarted: ({ message }) => happened.push(message),
    changed: ({ from, to }) => happened.push(`${from} -> ${to}`),
  });
  console.supervisor.start();
  assert.deepEqual(happened, ['stopped -> starting', 'no such user', 'starting -> failed']);
});

test('a start that is stopped while its needs are looked up is over at once, and its answer is no news', async () => {
  const answer = Promise.withResolvers<ChildSpec>();
  const { console, happened } = watched(() => answer.promise);
  console.watch({
    started: () => happened.push('started'),
    notStarted: ({ message }) => happened.push(message),
    changed: ({ from, to }) => happened.push(`${from} -> ${to}`),
  });
  console.supervisor.start();
  console.supervisor.stop();
  assert.equal(console.state, 'stopped');
  answer.resolve({ file: 'x', argv: ['x'] });
  await answer.promise;
  assert.deepEqual(happened, [
    'stopped -> starting',
    'starting -> stopping',
    'stopped before what it needs was looked up',
    'stopping -> stopped',
  ]);
});

test('a child that an earlier server has started is there before the lookup for another start answers', async () => {
  const answer = Promise.withResolvers<ChildSpec>();
  const { console, host, happened } = watched(() => answer.promise);
  host.start = () => void happened.push('another start');
  console.supervisor.start();
  host.handlers.started(7, undefined);
  answer.resolve({ file: 'x', argv: ['x'] });
  await new Promise(setImmediate);
  assert.equal(console.pid, 7);
  assert.equal(console.state, 'running');
  assert.deepEqual(happened, []);
});

test('a start that is stopped before its turn has left the queue, and a later one enters it again', () => {
  let turn: (() => void) | undefined;
  const { host } = watched();
  const happened: string[] = [];
  const gate = {
    enter(go: () => void) {
      turn = go;
    },
    leave() {
      const waited = turn !== undefined;
      turn = undefined;
      return waited;
    },
  };
  const console = new ProcessConsole({
    ...{ child: () => ({ file: 'x', argv: ['x'] }), policy: { mode: 'never', holdoff: 0 }, stop: [] },
    runner: new GatedRunner(host, gate),
    stream: new OutputStream(new OutputRing({ keep: 1, most: 1 }), () => 0),
    clock: new FakeClock(),
  });
  console.watch({ changed: ({ from, to }) => happened.push(`${from} -> ${to}`) });
  console.supervisor.start();
  console.supervisor.stop();
  assert.deepEqual(happened.splice(0), ['stopped -> starting', 'starting -> stopping', 'stopping -> stopped']);
  assert.equal(turn, undefined);
  console.supervisor.start();
  turn = turn as (() => void) | undefined;
  turn?.();
  assert.equal(console.state, 'running');
});

test('a different action after a stop is reported as such, and is not a change of state', () => {
  const { console, host, happened } = watched();
  console.supervisor.start();
  console.watch({ changed: ({ to }) => happened.push(to), redirected: () => happened.push('redirected') });
  console.supervisor.stop();
  console.supervisor.restart();
  console.supervisor.restart();
  assert.deepEqual(happened.splice(0), ['stopping', 'redirected']);
  host.handlers.ended(endOf(1));
  assert.deepEqual(happened, ['waiting']);
});
