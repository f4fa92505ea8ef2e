/** Logs on file systems that do not answer: other logs are not affected, and it is reported. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MemoryBudget } from '../../src/model/memory-budget.ts';
import { LogFile } from '../../src/terminal/log-file.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { freezableDisk, silentDisk } from '../harness/disks.ts';
import { status, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

/** Milliseconds after which it is reported. */
const HANGS = 3000;

class Bench {
  readonly clock = new FakeClock();
  readonly writer = new LogWriter(this.clock, 0, 200);
  readonly #logs: LogFile[] = [];

  constructor(t: TestContext) {
    atEnd(t, async () => {
      const closed = this.#logs.map((log) => log.close(0));
      this.clock.advance(0);
      await Promise.all(closed);
      this.writer.close();
    });
  }

  log(path: string): { readonly log: LogFile; readonly said: string[] } {
    const said: string[] = [];
    const log = new LogFile({ path, report: (message) => said.push(message) }, this.writer, this.clock);
    this.#logs.push(log);
    log.open();
    return { log, said };
  }

  put(log: LogFile, text: string): void {
    log.append(Buffer.from(text), this.clock.now());
    log.settle();
  }

  /** Time goes on, as fast as real time, until this holds. */
  async until(what: string, holds: () => boolean): Promise<void> {
    let before = performance.now();
    await until(what, () => {
      const now = performance.now();
      this.clock.advance(now - before);
      before = now;
      return holds();
    });
  }
}

const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'latin1') : '');

test('a log that is left open when the writer ends keeps what is written and takes no more', (t) => {
  const writer = new LogWriter(new FakeClock());
  const path = join(temporaryDirectory(t), 'log');
  const log = new LogFile({ path, report: (text) => assert.fail(text) }, writer, new FakeClock());
  log.open();
  log.settle();
  log.append(Buffer.from('one\n'), 0);
  log.settle();
  const { fd } = log;
  writer.close();
  log.append(Buffer.from('two\n'), 0);
  log.reopen();
  assert.equal(textOf(path), 'one\n');
  closeSync(fd);
});

test('fifty logs that hang while opening, each in its own folder, hold up no other one', async (t) => {
  const silent = silentDisk(t);
  if (!silent) {
    t.skip('needs root and /dev/fuse, for a file system that does not answer');
    return;
  }
  const bench = new Bench(t);
  const threads = Number(status('self', 'Threads'));
  const hung = Array.from({ length: 50 }, (_, n) => bench.log(join(silent.path, `folder${n}`, 'log')));
  const path = join(temporaryDirectory(t), 'log');
  const { log, said } = bench.log(path);
  await bench.until('the log elsewhere', () => log.isOpen);
  bench.put(log, 'one\n');
  assert.equal(textOf(path), 'one\n', 'readers find it there at once');
  const more = Number(status('self', 'Threads')) - threads;
  assert.ok(more <= 8, `${more} threads for one mount that hangs`);
  bench.clock.advance(HANGS);
  const [first] = hung;
  assert.ok(first);
  assert.match(first.said[0] ?? '', /^log file \S+\/folder0\/log hangs: opening it does not come back$/);
  assert.equal(first.log.trouble?.text, first.said[0]);
  assert.ok(hung.every((each) => each.said.length === 1));
  assert.deepEqual(said, []);
  // A log that is released while it is being opened does not wait for that.
  const closed = first.log.close(10);
  bench.clock.advance(10);
  await closed;

  silent.release();
  for (let n = 0; n < 50; n++) {
    mkdirSync(join(silent.path, `folder${n}`));
  }
  for (const each of hung) {
    each.log.append(Buffer.from('late\n'), 0);
  }
  await bench.until('all of them to be written', () =>
    hung.slice(1).every((_, n) => textOf(join(silent.path, `folder${n + 1}`, 'log')) === 'late\n'),
  );
  assert.ok(
    hung.slice(1).every(({ log: each, said: words }) => !each.trouble && / is written again$/.test(words.at(-1) ?? '')),
  );
  assert.equal(existsSync(join(silent.path, 'folder0', 'log')), false);
});

test('a disk that hangs in a write stops its own logs, and costs their readers nothing once this is known', async (t) => {
  const disk = freezableDisk(t);
  if (!disk) {
    t.skip('needs root, mkfs.ext4 and a loop device, for a file system that can be frozen');
    return;
  }
  const bench = new Bench(t);
  const path = join(temporaryDirectory(t), 'log');
  const [frozen, healthy] = [bench.log(join(disk.path, 'log')), bench.log(path)];
  await bench.until('both logs', () => frozen.log.isOpen && healthy.log.isOpen);
  bench.put(frozen.log, 'before\n');
  disk.freeze();
  bench.put(frozen.log, 'held\n');
  bench.put(healthy.log, 'goes on\n');
  assert.equal(textOf(path), 'goes on\n');
  // A check is under way too: neither its thread nor libuv's are needed.
  bench.clock.advance(HANGS + 1000);
  assert.match(frozen.said[0] ?? '', /hangs: a write does not come back; 5 bytes wait$/);
  const began = performance.now();
  for (let n = 0; n < 5000; n++) {
    bench.put(frozen.log, `${n}\n`);
  }
  const each = (performance.now() - began) / 5000;
  assert.ok(each < 1, `${each} ms for each of them: nobody is to wait for it`);
  bench.put(healthy.log, 'still\n');
  assert.equal(textOf(path), 'goes on\nstill\n');
  disk.thaw();
  await bench.until('all of it', () => textOf(join(disk.path, 'log')).endsWith('\n4999\n'));
  assert.equal(textOf(join(disk.path, 'log')).length, 'before\nheld\n'.length + 23_890);
  await bench.until('the end of the trouble', () => frozen.log.trouble === undefined);
  assert.equal(frozen.said.length, 2);
});

test('a write that returns after its log was closed reports nothing, and frees no memory twice', async (t) => {
  const path = join(temporaryDirectory(t), 'fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  // With both ends in one descriptor, and blocking: a disk that hangs until it is read.
  const fifo = openSync(path, 'r+');
  atEnd(t, () => closeSync(fifo));
  const bench = new Bench(t);
  const budget = new MemoryBudget(1 << 30, bench.clock.now, () => undefined);
  const [closed, other] = [0, 0].map(() => {
    const said: string[] = [];
    const log = new LogFile({ path, budget, report: (message) => said.push(message) }, bench.writer, bench.clock);
    log.adopt(fifo);
    return { log, said };
  }) as [{ log: LogFile; said: string[] }, { log: LogFile; said: string[] }];
  const much = 300_000;
  closed.log.append(Buffer.alloc(much), 0);
  const end = closed.log.close(0);
  bench.clock.advance(0);
  await end;
  other.log.append(Buffer.from('other'), 0);
  assert.equal(budget.figures.used, 'other'.length);
  closed.log.append(Buffer.from('late'), 0);
  assert.equal(budget.figures.used, 'other'.length);
  const block = Buffer.alloc(65_536);
  for (let left = much + 'other'.length; left > 0; ) {
    left -= readSync(fifo, block, 0, Math.min(left, block.length), null);
  }
  await bench.until('the write of the other', () => budget.figures.used <= 0);
  assert.equal(budget.figures.used, 0);
  assert.deepEqual([closed.said, other.said], [[], []]);
  const last = other.log.close(0);
  bench.clock.advance(0);
  await last;
});
