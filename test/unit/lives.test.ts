// The lives of a console's process: who requested each end, and which starts were restarts by policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lives } from '../../src/console/lives.ts';
import type { EndRecord } from '../../src/model/process.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { person } from '../fakes/principals.ts';

const ANN = person('ann');
const SIGTERM = 15;
const SIGKILL = 9;

function site(memoryRanOut = false) {
  const clock = new FakeClock(3_600_000);
  const lives = new Lives(clock, () => memoryRanOut);
  const end = (of: Partial<EndRecord> = {}) =>
    lives.ended({
      ...{ pid: 7, status: { code: 0, signal: null, coreDumped: false }, startedAt: clock.now() - 1500 },
      ...{ endedAt: clock.now(), maxRssKib: 0, lastLines: [] },
      ...of,
    });
  /** The policy waits, then starts it. */
  const again = () => {
    lives.changed({ from: 'running', to: 'waiting', event: 'ended-again', time: clock.now() });
    return lives.changed({ from: 'waiting', to: 'starting', event: 'due', time: clock.now() });
  };
  return { clock, lives, end, again };
}

test('an end is attributed to its requester, the next one to nobody', () => {
  const { end, lives } = site();
  lives.endAsked(ANN);
  assert.equal(end().askedBy, ANN);
  assert.equal(end().askedBy, undefined);
  lives.endAsked(ANN);
  lives.notStarted('no room');
  assert.equal(end().askedBy, undefined);
});

test('a signal explains an end for a minute', () => {
  const { clock, end, lives } = site();
  lives.signalled(SIGTERM, ANN);
  clock.advance(60_000);
  const { askedBy, askedSignal, uptimeSeconds } = end();
  assert.deepEqual([askedBy, askedSignal, uptimeSeconds], [ANN, 'SIGTERM', 1.5]);
  lives.signalled(SIGTERM, ANN);
  clock.advance(60_001);
  assert.equal(end().askedBy, undefined);
});

test('only an unrequested restart counts, for an hour', () => {
  const { again, clock, end, lives } = site();
  end();
  assert.equal(again(), undefined);
  assert.equal(lives.startAsked, false);
  clock.advance(3_000_000);
  lives.endAsked(ANN);
  end();
  assert.equal(again(), ANN);
  assert.equal(lives.startAsked, true);
  assert.deepEqual(lives.restarts, { hour: 1, total: 1 });
  end();
  again();
  assert.deepEqual(lives.restarts, { hour: 2, total: 2 });
  clock.advance(600_001);
  assert.deepEqual(lives.restarts, { hour: 1, total: 2 });
  lives.recount(9);
  assert.deepEqual(lives.restarts, { hour: 1, total: 9 });
});

test('a kill without a word is the lack of memory where the kernel has just killed for that; a cgroup knows', () => {
  const killed = { code: null, signal: SIGKILL, coreDumped: false };
  const { end, lives } = site(true);
  assert.equal(end({ status: killed }).outOfMemory, true);
  assert.equal(end({ status: killed, oomKills: 0 }).outOfMemory, false);
  lives.signalled(SIGKILL, ANN);
  assert.equal(end({ status: killed }).outOfMemory, false);
  lives.signalled(SIGKILL, ANN);
  assert.equal(end({ status: killed, oomKills: 1 }).outOfMemory, true);
  assert.equal(site().end({ status: killed }).outOfMemory, false);
});

test('the last ten deaths are kept, newest first, after those of earlier servers', () => {
  const { end, lives } = site();
  const old = end({ pid: 1 });
  lives.recall({ deaths: [old], restarts: [] });
  for (let pid = 2; pid <= 12; pid++) {
    end({ pid });
  }
  assert.deepEqual(
    lives.deaths.map(({ pid }) => pid),
    [12, 11, 10, 9, 8, 7, 6, 5, 4, 3],
  );
});

test('a console is flapping for ten minutes after a restart that nobody asked for', () => {
  const { again, clock, end, lives } = site();
  assert.equal(lives.flapping, false);
  lives.endAsked(ANN);
  end();
  again();
  assert.equal(lives.flapping, false, 'it was asked for');
  end();
  again();
  clock.advance(599_999);
  assert.equal(lives.flapping, true);
  clock.advance(1);
  assert.equal(lives.flapping, false);
});

test('why it does not come up is known since the first attempt, until it is up', () => {
  const { clock, lives } = site();
  const began = clock.now();
  lives.notStarted('connection refused');
  clock.advance(5000);
  lives.notStarted('no answer');
  assert.deepEqual(lives.startTrouble, { text: 'no answer', since: began });
  lives.started();
  assert.equal(lives.startTrouble, undefined);
  lives.disconnected('the connection ended');
  assert.deepEqual(lives.startTrouble, { text: 'the connection ended', since: clock.now() });
});
