// The progress of a console that is waited for, on a line of the terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pendingLine } from '../../../src/cli/holdfast/text/pending-line.ts';
import type { ConsoleSummary } from '../../../src/model/api.ts';
import { timesOf } from '../../../src/model/stop-recipe.ts';
import { FakeConsole } from '../../fakes/fake-console.ts';

const SINCE = '2026-03-01T03:00:00.000Z';

function lineAfter(seconds: number, row: Partial<ConsoleSummary>, columns = 80): string {
  const console = { ...new FakeConsole('vac-01').summary(), since: SINCE, ...row };
  return pendingLine(console, { color: false, columns, now: () => Date.parse(SINCE) + seconds * 1000 });
}

const STOPPING: Partial<ConsoleSummary> = {
  state: 'stopping',
  stopping: {
    since: SINCE,
    steps: [
      { afterSeconds: 0, send: 'exit\r' },
      { afterSeconds: 5, signal: 'SIGTERM' },
      { afterSeconds: 15, signal: 'SIGKILL' },
    ],
  },
};

test('a stop says what was sent, and what comes next', () => {
  assert.equal(lineAfter(2, STOPPING), 'vac-01: stopping for 2s: sent "exit\\r" 2s ago, TERM in 3s');
  assert.equal(lineAfter(9, STOPPING), 'vac-01: stopping for 9s: sent TERM 4s ago, KILL in 6s');
  assert.equal(lineAfter(20, STOPPING), 'vac-01: stopping for 20s: sent KILL 5s ago');
  assert.equal(
    lineAfter(-60, STOPPING),
    'vac-01: stopping for 0s: sent "exit\\r" 0s ago, TERM in 1m5s',
    'another clock',
  );
  assert.equal(lineAfter(9, { state: 'stopping' }), 'vac-01: stopping for 9s');
  assert.equal(lineAfter(9, STOPPING, 30), 'vac-01: stopping for 9s: sent…');
});

test('a start says what it waits for', () => {
  const readiness = { what: "'epics>' in its output", until: '2026-03-01T03:00:30.000Z' };
  const waitsFor = { kind: 'turn', what: 'a start slot behind rf-01', since: SINCE } as const;
  assert.equal(
    lineAfter(4, { state: 'starting', readiness }),
    "vac-01: starting for 4s: waits for 'epics>' in its output, 26s left",
  );
  assert.equal(
    lineAfter(4, { state: 'starting', waitsFor }),
    'vac-01: starting for 4s: waits for a start slot behind rf-01, since 4s',
  );
});

test('the times of a recipe end with a KILL, once', () => {
  const kill = { after: 1500, step: { signal: 9 } };
  assert.deepEqual(timesOf([{ signal: 15 }, { wait: 1000 }, { wait: 500 }]), [
    { after: 0, step: { signal: 15 } },
    kill,
  ]);
  assert.deepEqual(timesOf([{ wait: 1500 }, { signal: 9 }]), [kill]);
});
