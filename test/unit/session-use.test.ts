// Resource use of a session's processes, from sample /proc files and from a real session.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { parseStats, sessionUses } from '../../src/platform/process/session-use.ts';

const line = (pid: number, name: string, session: number, ticks: readonly number[], rss: number) =>
  `${pid} (${name}) S 1 ${pid} ${session} 34816 ${pid} 4194304 1 2 3 4 ${ticks.join(' ')} 20 0 1 0 999 1000000 ${rss} 184467 1`;

test('processes are summed by their session, whatever they call themselves; lines that are none are passed over', () => {
  const stats = [
    line(7, 'sh', 7, [100, 50, 25, 25], 10),
    line(8, 'x) S 1 8 9 0 (y', 7, [10, 0, 0, 0], 5),
    line(9, 'cat', 9, [1, 1, 0, 0], 1),
    line(2, 'kthreadd', 0, [5, 5, 0, 0], 0),
    '11 (torn) S 1 11 9 3',
    '',
  ].join('\n');
  assert.deepEqual(
    [...parseStats(stats, 4096)],
    [
      [7, { processes: 2, cpuSeconds: 2.1, memoryBytes: 15 * 4096 }],
      [9, { processes: 1, cpuSeconds: 0.02, memoryBytes: 4096 }],
    ],
  );
});

test('a real session: its leader and what that has started; those who ask together share an answer', async (t) => {
  const leader = spawn('/bin/sh', ['-c', 'sleep 1000 & echo up; wait'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.after(() => process.kill(-(leader.pid as number), 'SIGKILL'));
  await once(leader.stdout, 'data');
  const [one, other] = [sessionUses(), sessionUses()];
  assert.equal(one, other);
  const use = (await one).get(leader.pid as number);
  assert.ok(use && use.processes >= 2 && use.memoryBytes > 100_000, JSON.stringify(use));
});
