import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { OutputRing } from '../../src/model/output-ring.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { LocalRunner } from '../../src/terminal/local-runner.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';

/** Reads nothing, closes its terminal at the first signal, opens it again and reads at the second. */
const CHILD = `stty -echo
trap 'closing=1' USR1
trap 'opening=1' USR2
echo ready
until [ "$closing" ]; do sleep 0.01; done
exec </dev/null >/dev/null 2>&1
until [ "$opening" ]; do sleep 0.01; done
exec </dev/tty >/dev/tty
grep -m1 END`;

test('input for a child that closes its terminal is there when it opens it again', async (t) => {
  const ring = new OutputRing({ keep: 65536, most: 65536 }, (size) => Buffer.alloc(size));
  const host = new LocalRunner(ring, undefined, systemClock);
  atEnd(t, () => host.kill(9));
  let pid = 0;
  let room = false;
  const ended = new Promise<void>((resolve) => {
    host.handlers = {
      started: (started) => {
        pid = started;
      },
      notStarted: (error) => assert.fail(error),
      ended: () => resolve(),
      advanced: () => undefined,
      drained: () => {
        room = true;
      },
    };
  });
  const shown = () => Buffer.from(ring.read(ring.tail)).toString();
  host.start({ file: 'sh', argv: ['sh', '-c', CHILD] });
  await until('a child', () => shown().includes('ready'));
  const line = `${'x'.repeat(99)}\n`;
  assert.equal(host.write(Buffer.from(line.repeat(2000))), false);
  host.write(Buffer.from('END\n'));
  process.kill(pid, 'SIGUSR1');
  await until('a closed terminal', () => readlinkSync(`/proc/${pid}/fd/0`) === '/dev/null');
  for (let turns = 0; turns < 1000; turns++) {
    await turn();
  }
  process.kill(pid, 'SIGUSR2');
  await until('the last line', () => shown().includes('END'));
  await ended;
  assert.equal(room, true);
});
