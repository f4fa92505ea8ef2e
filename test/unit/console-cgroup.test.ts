/** The files of a cgroup, in an ordinary folder; for the kernel's part see `test/system/systemd-holder.test.ts`. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HolderConsole } from '../../src/holder/holder-console.ts';
import type { HolderEvent } from '../../src/model/holder-protocol.ts';
import { ConsoleCgroup } from '../../src/terminal/console-cgroup.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const USER = {};

function cgroup(t: Parameters<typeof temporaryDirectory>[0], missing: { memory?: string; cpu?: string } = {}) {
  const path = join(temporaryDirectory(t), 'console-a');
  const clock = new FakeClock();
  const file = (name: string, text: string) => writeFileSync(join(path, name), text);
  const read = (name: string) => readFileSync(join(path, name), 'utf8');
  return { path, clock, file, read, group: new ConsoleCgroup(path, clock, (controller) => missing[controller]) };
}

test('caps go into the files of the kernel', (t) => {
  const { group, path, read } = cgroup(t);
  assert.equal(group.begin(USER, { memoryBytes: 64 << 20, cpu: 1.5 }), join(path, 'cgroup.procs'));
  assert.deepEqual(['memory.max', 'memory.swap.max', 'cpu.max'].map(read), ['67108864', '0', '150000 100000']);
});

test('a cap that has no controller is left out, and reported', (t) => {
  const { group, path, file } = cgroup(t, { cpu: 'no cpu controller' });
  group.begin(USER, { memoryBytes: 1 << 20, cpu: 1 });
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
  group.begin(USER, {});
  file('cgroup.procs', '7\n8\n');
  file('cpu.stat', 'usage_usec 2345678\nuser_usec 1\n');
  assert.deepEqual(group.figures, { processes: 2, cpuSeconds: 2.35, missing: 'no memory controller' });
  const full = new ConsoleCgroup(path, new FakeClock(), () => undefined);
  full.adopt(USER);
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

test('only kills since the start count, and removing a cgroup that is busy is retried', async (t) => {
  const { group, file, path, clock } = cgroup(t);
  group.begin(USER, {});
  file('memory.events', 'oom 9\noom_kill 3\n');
  group.begin(USER, {});
  file('memory.events', 'oom 9\noom_kill 5\n');
  assert.equal(group.end(USER), 2);
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
  group.end(USER);
  rmSync(path, { recursive: true, force: true });
  clock.advance(20);
  await over;
});

test('a child that is late to end takes none of the next console of its name with it', async (t) => {
  const { group, path, file } = cgroup(t);
  group.begin(USER, {});
  group.end(USER);
  file('cgroup.procs', '');
  const killed = () => existsSync(join(path, 'cgroup.kill'));
  const desk = new LogWriter(new FakeClock());
  const console = (id: number) => {
    let heard: (event: HolderEvent) => void = () => undefined;
    const kept = new HolderConsole({ id, name: 'a', start: 0 }, desk, new FakeClock(), (event) => heard(event), {
      cgroup: group,
    });
    atEnd(t, () => kept.backend.kill(9));
    const next = (kind: HolderEvent['event']) =>
      new Promise<void>((resolve) => {
        heard = ({ event }) => event === kind && resolve();
      });
    const start = () => kept.start({ file: '/bin/sleep', argv: ['sleep', '1000'] });
    return { kept, next, start };
  };
  const [old, fresh] = [console(1), console(2)];
  old.start();
  await old.next('started');
  const ended = old.next('ended');
  // A reload removes the console and adds it again.
  void old.kept.close();
  assert.ok(killed());
  rmSync(join(path, 'cgroup.kill'));
  fresh.start();
  await Promise.all([ended, fresh.next('started')]);
  assert.ok(!killed(), 'the new child is in it');
  const over = fresh.next('ended');
  fresh.kept.backend.kill(9);
  await over;
  assert.ok(killed());
  rmSync(path, { recursive: true });
});
