/** The files of a cgroup, on an ordinary folder; what the kernel does with them: `test/system/systemd-holder.test.ts`. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConsoleCgroup } from '../../src/holder/console-cgroup.ts';
import { FakeClock } from '../fake-clock.ts';
import { temporaryDirectory } from '../harness/machine.ts';

function cgroup(t: Parameters<typeof temporaryDirectory>[0], missing: { memory?: string; cpu?: string } = {}) {
  const path = join(temporaryDirectory(t), 'console-a');
  const clock = new FakeClock();
  const file = (name: string, text: string) => writeFileSync(join(path, name), text);
  const read = (name: string) => readFileSync(join(path, name), 'utf8');
  return { path, clock, file, read, group: new ConsoleCgroup(path, clock, (controller) => missing[controller]) };
}

test('caps go into the files of the kernel', (t) => {
  const { group, path, read } = cgroup(t);
  assert.equal(group.begin({ memoryBytes: 64 << 20, cpu: 1.5 }), join(path, 'cgroup.procs'));
  assert.deepEqual(['memory.max', 'memory.swap.max', 'cpu.max'].map(read), ['67108864', '0', '150000 100000']);
});

test('a cap that has no controller is left out, and said', (t) => {
  const { group, path, file } = cgroup(t, { cpu: 'no cpu controller' });
  group.begin({ memoryBytes: 1 << 20, cpu: 1 });
  assert.ok(!existsSync(join(path, 'cpu.max')));
  file('cgroup.procs', '7\n');
  assert.deepEqual(group.figures, {
    processes: 1,
    cpuSeconds: 0,
    memoryMaxBytes: 1 << 20,
    missing: 'no cpu controller',
  });
});

test('figures, and the same without a memory controller', (t) => {
  const { group, file, path } = cgroup(t, { memory: 'no memory controller' });
  assert.deepEqual(group.figures, { missing: 'there is no process' });
  group.begin({});
  file('cgroup.procs', '7\n8\n');
  file('cpu.stat', 'usage_usec 2345678\nuser_usec 1\n');
  assert.deepEqual(group.figures, { processes: 2, cpuSeconds: 2.35, missing: 'no memory controller' });
  const full = new ConsoleCgroup(path, new FakeClock(), () => undefined);
  full.adopt();
  for (const [name, text] of [
    ['memory.current', '1024\n'],
    ['memory.peak', '2048\n'],
    ['memory.max', 'max\n'],
    ['cpu.max', 'max 100000\n'],
  ] as const) {
    file(name, text);
  }
  assert.deepEqual(full.figures, { processes: 2, cpuSeconds: 2.35, memoryBytes: 1024, memoryPeakBytes: 2048 });
});

test('only kills since the start count, and a cgroup that cannot be removed yet is tried again', async (t) => {
  const { group, file, path, clock } = cgroup(t);
  group.begin({});
  file('memory.events', 'oom 9\noom_kill 3\n');
  group.begin({});
  file('memory.events', 'oom 9\noom_kill 5\n');
  assert.equal(group.end(), 2);
  let gone = false;
  const over = group.gone().then(() => {
    gone = true;
  });
  clock.advance(20);
  await Promise.resolve();
  assert.ok(!gone, 'its files are in the way, as processes would be');
  for (const name of ['memory.events', 'cgroup.kill']) {
    rmSync(join(path, name), { force: true });
  }
  clock.advance(20);
  rmSync(join(path, 'cgroup.kill'), { force: true });
  group.end();
  rmSync(path, { recursive: true, force: true });
  clock.advance(20);
  await over;
});
