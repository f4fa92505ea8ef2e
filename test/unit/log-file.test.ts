import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { DiskThread } from '../../src/platform/files/disk-thread.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { LineStamper } from '../../src/terminal/line-stamper.ts';
import { LogFile } from '../../src/terminal/log-file.ts';
import type { LogOptions } from '../../src/terminal/log-options.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { compressed } from '../../src/terminal/rotate-files.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { smallDisk, temporaryDirectory } from '../harness/machine.ts';
import { stallable } from '../harness/stallable.ts';
import { until } from '../harness/until.ts';

/** The interval of the log's own checks in milliseconds. */
const CHECK = 1000;
/** Bytes that may wait for a disk. */
const QUEUE = 8 << 20;
/** The addon's answer to a check. */
const DELETED = 2;
const FOREVER = 10_000_000;

class Bench {
  readonly clock = new FakeClock();
  readonly reports: string[] = [];
  readonly path: string;
  readonly log: LogFile;
  readonly writer: LogWriter;

  constructor(t: TestContext, path: string, options: Partial<LogOptions> = {}, patience = FOREVER) {
    this.path = path;
    this.writer = new LogWriter(this.clock, 0, patience);
    const report = (message: string) => this.reports.push(message);
    this.log = new LogFile({ path, report, ...options }, this.writer, this.clock);
    atEnd(t, async () => {
      const closed = this.log.close(0);
      this.clock.advance(0);
      await closed;
      this.writer.close();
    });
  }

  /** Opens, and waits until that has succeeded or failed. */
  open(): void {
    this.log.open();
    this.log.settle();
  }

  /** Appends, and waits until the kernel has it. */
  put(text: string | Uint8Array): void {
    this.log.append(typeof text === 'string' ? Buffer.from(text) : text, this.clock.now());
    this.log.settle();
  }

  /** Empty if the file is missing, as in the middle of a rotation. */
  get text(): string {
    return existsSync(this.path) ? readFileSync(this.path, 'latin1') : '';
  }

  /** Lets the log check its file until a condition holds. */
  async checked(what: string, holds: () => boolean): Promise<void> {
    await until(what, () => {
      // If time went on faster than the disk answers, it would count as hung.
      if (!this.log.lookAfter()) {
        this.clock.advance(CHECK);
      }
      this.log.settle();
      return holds();
    });
  }

  /** Waits for data put while the log is moved: `put` does not wait for that. */
  async reads(expected: string): Promise<void> {
    await until(JSON.stringify(expected), () => existsSync(this.path) && this.text === expected).catch(() => undefined);
    assert.equal(this.text, expected);
  }

  /** One check, and everything that it started. */
  async check(): Promise<void> {
    this.clock.advance(CHECK);
    await until('the end of the check', () => !this.log.lookAfter());
    this.log.settle();
  }
}

function opened(t: TestContext, options: Partial<LogOptions> = {}, name = 'log'): Bench {
  const bench = new Bench(t, join(temporaryDirectory(t), name), options);
  bench.open();
  return bench;
}

test('appended data is there, in order, after the previous content', async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  writeFileSync(path, 'before\n');
  const bench = new Bench(t, path);
  bench.open();
  for (let n = 0; n < 1000; n++) {
    bench.log.append(Buffer.from(`${n}\n`), 0);
  }
  await bench.log.close(FOREVER);
  assert.equal(bench.text, `before\n${Array.from({ length: 1000 }, (_, n) => `${n}\n`).join('')}`);
  assert.deepEqual(bench.reports, []);
});

test('gathered data is written in time, whatever else the log does meanwhile', async (t) => {
  const bench = opened(t);
  bench.put('at once\n');
  bench.writer.delay = 30_000;
  bench.put('gathered\n');
  await bench.check();
  assert.equal(bench.text, 'at once\n');
  bench.clock.advance(30_000);
  await bench.reads('at once\ngathered\n');
});

test('data that came before the file was open is gathered, too', async (t) => {
  const bench = new Bench(t, join(temporaryDirectory(t), 'log'));
  bench.writer.delay = 30_000;
  bench.log.open();
  bench.log.append(Buffer.from('gathered\n'), 0);
  bench.log.settle();
  assert.ok(bench.log.isOpen);
  await bench.check();
  assert.equal(bench.text, '');
  bench.clock.advance(30_000);
  await bench.reads('gathered\n');
});

test('gathered data is written before the log is closed or reopened', async (t) => {
  const bench = opened(t);
  bench.writer.delay = 30_000;
  bench.put('before\n');
  renameSync(bench.path, `${bench.path}.1`);
  bench.log.reopen();
  await until('the new file', () => existsSync(bench.path));
  assert.equal(readFileSync(`${bench.path}.1`, 'latin1'), 'before\n');
  bench.put('after\n');
  await bench.log.close(FOREVER);
  assert.equal(bench.text, 'after\n');
});

test('settle returns with the bytes in the file', (t) => {
  const bench = opened(t);
  bench.put('one\n');
  assert.equal(bench.text, 'one\n');
});

test('rotation by size, at a line end, keeps the configured number', async (t) => {
  const bench = opened(t, { rotate: { size: 100, keep: 3 } });
  const line = `${'x'.repeat(59)}\n`;
  for (let n = 0; n < 12; n++) {
    bench.put(`${n}${line}`.slice(-60));
    const size = n % 2 === 0 ? 60 : 0;
    await until('the line, or the rotation', () => statSync(bench.path, { throwIfNoEntry: false })?.size === size);
  }
  await bench.log.close(FOREVER);
  const names = readdirSync(join(bench.path, '..')).sort();
  assert.deepEqual(names, ['log', 'log.1', 'log.2', 'log.3']);
  for (const name of names.slice(1)) {
    assert.equal(statSync(join(bench.path, '..', name)).size, 120, name);
  }
});

test('rotation loses nothing and repeats nothing while output goes on', async (t) => {
  const bench = opened(t, { rotate: { size: 10_000, keep: 100 } });
  const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}\n`);
  for (const [n, line] of lines.entries()) {
    bench.log.append(Buffer.from(line), 0);
    if (n % 10 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await bench.log.close(FOREVER);
  const count = readdirSync(join(bench.path, '..')).length;
  assert.ok(count > 1, `${count} files`);
  const old = Array.from({ length: count - 1 }, (_, n) => readFileSync(`${bench.path}.${count - 1 - n}`, 'latin1'));
  assert.equal(old.join('') + bench.text, lines.join(''));
});

test('a line without end is cut at twice the size', async (t) => {
  const bench = opened(t, { rotate: { size: 100, keep: 1 } });
  bench.put('x'.repeat(150));
  assert.equal(existsSync(`${bench.path}.1`), false);
  bench.put('x'.repeat(50));
  await until('the rotation', () => existsSync(`${bench.path}.1`));
});

test('reopen goes on in a new file of the same name', async (t) => {
  const bench = opened(t);
  bench.put('old\n');
  renameSync(bench.path, `${bench.path}.moved`);
  bench.log.reopen();
  bench.log.append(Buffer.from('new\n'), 0);
  await bench.log.close(FOREVER);
  assert.equal(readFileSync(`${bench.path}.moved`, 'latin1'), 'old\n');
  assert.equal(bench.text, 'new\n');
});

test('a log that was moved is followed for one more check, then a new file is begun', async (t) => {
  const bench = opened(t);
  const moved = `${bench.path}.1`;
  bench.put('one\n');
  renameSync(bench.path, moved);
  await bench.check();
  assert.equal(existsSync(bench.path), false, 'a mover that sends SIGHUP gets a moment');
  bench.put('two\n');
  await bench.checked('a new file', () => existsSync(bench.path));
  bench.put('three\n');
  await bench.reads('three\n');
  assert.equal(readFileSync(moved, 'latin1'), 'one\ntwo\n');
  assert.deepEqual(bench.reports, []);
});

test('a deleted log comes back with what was written since the last check', async (t) => {
  const bench = opened(t);
  bench.put('seen\n');
  await bench.check();
  bench.put('unseen\n');
  unlinkSync(bench.path);
  bench.put('gone\n');
  await bench.checked('the file', () => existsSync(bench.path) && bench.text.endsWith('gone\n'));
  assert.equal(bench.text, 'unseen\ngone\n');
  bench.put('more\n');
  await bench.reads('unseen\ngone\nmore\n');
});

test('a deleted log with too much to remember says how much is missing', async (t) => {
  const bench = opened(t);
  unlinkSync(bench.path);
  for (let n = 0; n < 3; n++) {
    bench.put(Buffer.alloc(500_000, 'x'));
  }
  await bench.checked('the file', () => existsSync(bench.path) && bench.text.includes('missing'));
  bench.put('after\n');
  await bench.reads('@@@ 1500000 bytes are missing here in the log: the log file was deleted\r\nafter\n');
});

test('a log deleted at the moment of its rotation comes back', async (t) => {
  const bench = opened(t, { rotate: { size: 100, keep: 2 } });
  bench.put('x\n');
  await bench.check();
  unlinkSync(bench.path);
  bench.put(`${'y'.repeat(150)}\n`);
  await bench.checked('the file', () => existsSync(bench.path));
  bench.put('z\n');
  await until('the last line', () => bench.text.endsWith('z\n'));
});

test('a directory that vanishes is reported once, and nothing is lost when it comes back', async (t) => {
  const directory = join(temporaryDirectory(t), 'logs');
  mkdirSync(directory);
  const bench = new Bench(t, join(directory, 'log'));
  bench.open();
  bench.put('before\n');
  await bench.check();
  rmSync(directory, { recursive: true });
  bench.put('one\n');
  await bench.checked('the report', () => bench.reports.length > 0);
  for (let n = 0; n < 5; n++) {
    bench.put(`while it is away ${n}\n`);
    await bench.check();
  }
  assert.equal(bench.reports.length, 1, bench.reports.join(' | '));
  assert.match(bench.reports[0] as string, /^unable to open log file .*ENOENT/);
  mkdirSync(directory);
  await bench.checked('the file', () => existsSync(bench.path));
  bench.put('after\n');
  const away = Array.from({ length: 5 }, (_, n) => `while it is away ${n}\n`).join('');
  await bench.reads(`one\n${away}after\n`);
  assert.deepEqual(bench.reports.slice(1), [`log file ${bench.path} is written again`]);
});

test('a directory that was moved away takes its log with it until there is a new one', async (t) => {
  const directory = join(temporaryDirectory(t), 'logs');
  mkdirSync(directory);
  const bench = new Bench(t, join(directory, 'log'));
  bench.open();
  renameSync(directory, `${directory}.old`);
  for (let n = 0; n < 6; n++) {
    bench.put(`${n}\n`);
    await bench.check();
  }
  assert.equal(bench.reports.length, 1, bench.reports.join(' | '));
  mkdirSync(directory);
  await bench.checked('the file', () => existsSync(bench.path));
  bench.put('new\n');
  await bench.reads('new\n');
  assert.equal(readFileSync(`${directory}.old/log`, 'latin1'), '0\n1\n2\n3\n4\n5\n');
  assert.equal(bench.reports.length, 2);
});

test('a log that could not be opened at the start is opened when it can be', async (t) => {
  const directory = join(temporaryDirectory(t), 'later');
  const bench = new Bench(t, join(directory, 'log'));
  bench.open();
  assert.match(bench.reports[0] as string, /^unable to open log file .*no such file or directory \(ENOENT\)$/);
  bench.put('early\n');
  mkdirSync(directory);
  await bench.checked('the file', () => existsSync(bench.path) && bench.text === 'early\n');
});

test('another reason why a log cannot be opened is reported, and the time since it cannot is kept', async (t) => {
  const directory = join(temporaryDirectory(t), 'later');
  const bench = new Bench(t, join(directory, 'log'));
  bench.open();
  const since = bench.log.trouble?.since;
  writeFileSync(directory, 'a file in its place');
  await bench.checked('the other reason', () => bench.reports.length > 1);
  assert.deepEqual(
    bench.reports.map((report) => /\((E\w+)\)$/.exec(report)?.[1]),
    ['ENOENT', 'ENOTDIR'],
  );
  assert.deepEqual(bench.log.trouble, { text: bench.reports[1], since });
});

test('a FIFO without a reader is not a log, and holds up nobody', async (t) => {
  const path = join(temporaryDirectory(t), 'fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const bench = new Bench(t, path);
  bench.open();
  assert.match(bench.reports.pop() as string, /no such device or address \(ENXIO\)$/);
  bench.put('waits\n');
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const room = Buffer.alloc(100);
  await bench.checked('the reader is found', () => bench.reports.length > 0);
  assert.equal(room.toString('latin1', 0, readSync(reader, room)), 'waits\n');
  closeSync(reader);
});

/** The loss of an overflow according to the log, and a check that the rest is in its place. */
function confessed(text: string): { before: number; lost: number; after: string } {
  const match = /^(x*)(?:\r\n)?@@@ (\d+) bytes are missing here in the log: [^\r\n]+\r\n([^x]*)$/.exec(text);
  assert.ok(match, `${text.length} bytes: ${JSON.stringify(text.slice(-200))}`);
  return { before: (match[1] as string).length, lost: Number(match[2]), after: match[3] as string };
}

test('a full disk: lost output is counted to the byte, and recorded where it is missing', async (t) => {
  const disk = smallDisk(t, 1 << 20);
  if (disk === undefined) {
    t.skip('needs root, to mount a small tmpfs');
    return;
  }
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(800_000));
  const bench = new Bench(t, join(disk, 'log'));
  bench.open();
  const chunk = Buffer.alloc(100_000, 'x');
  let given = 0;
  while (given < QUEUE + 3_000_000) {
    bench.put(chunk);
    given += chunk.length;
  }
  // Smaller ones would fit into the rest of the queue: after the gap they would be misplaced.
  for (let n = 0; n < 10; n++) {
    bench.put(Buffer.alloc(1000, 'x'));
    given += 1000;
  }
  assert.equal(bench.reports.length, 1, bench.reports.join(' | '));
  assert.match(bench.reports[0] as string, /^cannot write log file .*: no space left on device; \d+ bytes wait$/);
  // Larger than the queue, so that everything that waits finds room.
  spawnSync('mount', ['-o', 'remount,size=32m', disk]);
  unlinkSync(ballast);
  await bench.checked('the confession', () => bench.text.includes('missing'));
  bench.put('after\n');
  await until('the last line', () => bench.text.endsWith('after\n'));
  const { before, lost, after } = confessed(bench.text);
  assert.equal(before + lost, given);
  assert.ok(lost > 0);
  assert.equal(after, 'after\n');
  assert.deepEqual(bench.reports.slice(1), [`log file ${bench.path} is written again`]);
});

test('/dev/full is reported once, and the queue stays bounded', (t) => {
  const bench = new Bench(t, '/dev/full');
  bench.open();
  const chunk = Buffer.alloc(1 << 20);
  for (let n = 0; n < 20; n++) {
    bench.put(chunk);
  }
  assert.equal(bench.reports.length, 1);
  assert.match(bench.reports[0] as string, /no space left on device/);
});

test('a stalled disk: settle gives up, the queue is bounded, the gap is recorded in its place', async (t) => {
  const path = join(temporaryDirectory(t), 'fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const fd = openSync(path, constants.O_RDWR);
  const bench = new Bench(t, path, {}, 0);
  bench.log.adopt(fd);
  const chunk = Buffer.alloc(100_000, 'x');
  let given = 0;
  while (given < QUEUE + 500_000) {
    bench.log.append(chunk, 0);
    given += chunk.length;
  }
  bench.log.append(Buffer.alloc(10, 'x'), 0);
  given += 10;
  bench.log.settle();
  const room = Buffer.alloc(1 << 20);
  let text = '';
  while (!text.includes('missing')) {
    text += room.toString('latin1', 0, readSync(fd, room));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const found = confessed(text);
  assert.equal(found.before + found.lost, given);
  bench.log.append(Buffer.from('after\n'), 0);
  bench.log.settle();
  assert.equal(room.toString('latin1', 0, readSync(fd, room)), 'after\n');
  await bench.log.close(0);
  closeSync(fd);
});

test('a slow disk is waited for; one that hangs soon uses up the shared patience', async (t) => {
  const path = join(temporaryDirectory(t), 'fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const fd = openSync(path, constants.O_RDWR);
  const patience = 200;
  const [patient, writer] = [new LogWriter(systemClock, 0, FOREVER), new LogWriter(systemClock, 0, patience)];
  const { thread } = writer.device('fifo');
  atEnd(t, () => writer.close());
  atEnd(t, () => patient.close());
  const reader = spawn('sh', ['-c', 'sleep 0.1; head -c 100000 >/dev/null'], { stdio: [fd, 'ignore', 'inherit'] });
  atEnd(t, () => reader.kill());
  const more = Buffer.alloc(100_000);
  const first = thread.write(fd, more, () => undefined);
  assert.ok(patient.wait(thread, first), 'the reader came late, and was waited for');
  const ticket = thread.write(fd, more, () => undefined);
  const began = performance.now();
  for (let turn = 0; turn < 20; turn++) {
    assert.equal(writer.wait(thread, ticket), false);
  }
  assert.ok(performance.now() - began < 10 * patience, '20 waits, and not for 20 times the patience');
  for (const room = Buffer.alloc(more.length); !writer.wait(thread, ticket); ) {
    readSync(fd, room);
  }
  closeSync(fd);
});

test('a process that was stopped while it waited for a disk is as patient afterwards as before', (t) => {
  const { fd, read } = stallable(t, join(temporaryDirectory(t), 'fifo'));
  let stopped = 0;
  const writer = new LogWriter({ ...systemClock, monotonic: () => systemClock.monotonic() + stopped }, 0, 1);
  const { thread } = writer.device('fifo');
  atEnd(t, () => writer.close());
  const full = thread.write(fd, Buffer.alloc(100_000), () => {
    // An hour, as far as this wait can see.
    stopped += 3_600_000;
  });
  assert.equal(writer.wait(thread, full), false);
  while (stopped === 0) {
    read(100_000);
    writer.wait(thread, full);
  }
  stopped += 600_000;
  const next = thread.write(fd, Buffer.alloc(100_000), () => undefined);
  const began = performance.now();
  assert.equal(writer.wait(thread, next), false);
  assert.ok(performance.now() - began >= 1, 'somebody waited');
  while (!writer.wait(thread, next)) {
    read(100_000);
  }
});

test('readers wait for the log even while it checks its file', async (t) => {
  const bench = opened(t);
  bench.put('one\n');
  bench.clock.advance(CHECK);
  // The check is under way, without any result yet.
  bench.put('two\n');
  assert.equal(bench.text, 'one\ntwo\n');
  await bench.check();
  // Data written during the check does not count as verified: the file may have been gone by then.
  bench.put('three\n');
  bench.clock.advance(CHECK);
  bench.put('four\n');
  unlinkSync(bench.path);
  await bench.checked('the new file', () => bench.text !== '');
  assert.equal(bench.text.slice(-5), 'four\n');
});

test('a late check of a closed log opens nothing', async (t) => {
  const bench = opened(t);
  bench.put('one\n');
  bench.clock.advance(CHECK);
  await bench.log.close(FOREVER);
  rmSync(bench.path);
  await until('the end of the look', () => !bench.log.lookAfter());
  assert.equal(bench.log.isOpen, false);
  assert.equal(existsSync(bench.path), false);
});

test('a file system that is slower than the checks loses nothing of a deleted file', async (t) => {
  const bench = opened(t);
  bench.put('one\n');
  unlinkSync(bench.path);
  bench.clock.advance(CHECK);
  // The first check has no result yet.
  bench.put('two\n');
  bench.clock.advance(CHECK);
  bench.put('three\n');
  await bench.checked('the new file', () => bench.text.includes('three'));
  assert.equal(bench.text, 'one\ntwo\nthree\n');
});

test('a stale descriptor is not a reason to end: the next file gets what is left', async (t) => {
  // Lower numbers are free: a file opened while this test checks does not get that of the log.
  const lower = Array.from({ length: 8 }, () => openSync('/dev/null', 'r'));
  const bench = opened(t);
  lower.forEach(closeSync);
  bench.put('one\n');
  /**
   * Like a file that another machine has deleted (ESTALE): writes fail, and no name leads to it. The number is not
   * reused.
   */
  const lead = () => {
    const { fd } = bench.log;
    const nowhere = `${bench.path}.gone`;
    writeFileSync(nowhere, '');
    closeSync(fd);
    const others: number[] = [];
    for (let got = openSync(nowhere, 'r'); got !== fd; got = openSync(nowhere, 'r')) {
      others.push(got);
    }
    others.forEach(closeSync);
    unlinkSync(nowhere);
  };
  lead();
  await bench.checked('another file', () => bench.log.fd >= 0 && bench.text === 'one\none\n');
  lead();
  await bench.log.close(FOREVER);
});

test('a file whose descriptor cannot be checked counts as deleted', async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  writeFileSync(path, '');
  const thread = new DiskThread(systemClock);
  atEnd(t, () => thread.close());
  const found = new Promise((resolve) => thread.ask({ verb: 'look', path, fd: 1 << 30 }, resolve));
  assert.equal(await found, DELETED);
});

test('stamps come before lines, not before chunks', (t) => {
  const bench = opened(t, { stamper: new LineStamper((time) => Buffer.from(`[${time}] `)) });
  for (const [chunk, time] of [
    ['one', 1],
    [' line\ntw', 2],
    ['o\n', 3],
    ['\n', 4],
    ['end', 5],
  ] as const) {
    bench.log.append(Buffer.from(chunk), time);
  }
  bench.log.settle();
  assert.equal(bench.text, '[1] one line\n[2] two\n[4] \n[5] end');
});

test('a log that is created again while the last one still compresses its old file loses nothing', async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  const options = { rotate: { size: 100, keep: 9, compress: true } };
  const texts = [`${randomBytes(4 << 20).toString('base64')}\n`, `${'short '.repeat(20)}\n`];
  for (const text of texts) {
    const bench = new Bench(t, path, options);
    bench.open();
    bench.put(text);
    await until('the rotation', () => statSync(path, { throwIfNoEntry: false })?.size === 0);
    await bench.log.close(FOREVER);
  }
  const compressed = () => ['1', '2'].every((n) => existsSync(`${path}.${n}.gz`) && !existsSync(`${path}.${n}`));
  await until('both to be compressed', compressed);
  const found = ['2', '1'].map((n) => gunzipSync(readFileSync(`${path}.${n}.gz`)).toString());
  assert.ok(found[0] === texts[0] && found[1] === texts[1]);
});

test('a flood goes into the log while its old file is compressed', async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  const lost: string[] = [];
  const bench = new Bench(t, path, {
    rotate: { size: 20 << 20, keep: 9, compress: true },
    lost: (message) => lost.push(message),
  });
  bench.open();
  for (let piece = 0; piece < 4; piece++) {
    bench.put(`${randomBytes(4 << 20).toString('base64')}\n`);
  }
  await until('the rotation', () => statSync(path, { throwIfNoEntry: false })?.size === 0);
  const line = `${'x'.repeat(65_535)}\n`;
  for (let lines = 0; lines < 640; lines++) {
    bench.put(line);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(lost, []);
  await until('the next rotation', () => existsSync(`${path}.2.gz`));
  // The folder is removed with the test, and must not get another file then.
  await compressed(path);
});

test('copytruncate of a logrotate goes on at the start of the file', (t) => {
  const bench = opened(t);
  bench.put('one\n');
  truncateSync(bench.path);
  bench.put('two\n');
  assert.equal(bench.text, 'two\n');
});

test('close on a full disk does not wait in vain', async (t) => {
  const bench = new Bench(t, '/dev/full');
  bench.open();
  bench.log.append(Buffer.from('never\n'), 0);
  await bench.log.close(FOREVER);
});

test('syncing a log that was closed or deleted in between does no harm', async (t) => {
  const bench = opened(t, { sync: 5000 });
  bench.put('one\n');
  rmSync(join(bench.path, '..'), { recursive: true });
  await bench.checked('the report', () => bench.reports.length > 0);
  bench.clock.advance(5000);
  await bench.check();
  await bench.log.close(0);
  bench.clock.advance(5000);
});
