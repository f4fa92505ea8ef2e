import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type NativeWriter, native } from '../../src/platform/native.ts';
import { atEnd } from '../harness/at-end.ts';
import { status, temporaryDirectory } from '../harness/machine.ts';
import { stallable } from '../harness/stallable.ts';
import { until } from '../harness/until.ts';

const { EAGAIN, EBADF, ENOSPC, EPIPE } = os.errno;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

interface Answer {
  readonly ticket: number;
  readonly written: number;
  readonly errno: number;
}

/** A writer that keeps its answers and lets a test wait for one. */
class Desk {
  readonly answers: Answer[] = [];
  readonly writer: NativeWriter;

  constructor(t: TestContext) {
    this.writer = native.openWriter((ticket, written, errno) => this.answers.push({ ticket, written, errno }));
    atEnd(t, () => this.writer.close());
  }

  async answer(ticket: number): Promise<Answer> {
    return until(`ticket ${ticket}`, () => this.answers.find((each) => each.ticket === ticket));
  }
}

/** A descriptor that is closed with the test. */
function opened(t: TestContext, path: string, flags: number | string): number {
  const fd = openSync(path, flags);
  atEnd(t, () => closeSync(fd));
  return fd;
}

function fifo(path: string): string {
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}

test('writes are done and answered in order', async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  const fd = opened(t, path, APPEND);
  const desk = new Desk(t);
  const lines = Array.from({ length: 500 }, (_, n) => `line ${n} ${'.'.repeat(n % 97)}\n`);
  const tickets = lines.map((line) => desk.writer.write(fd, Buffer.from(line)));
  tickets.push(desk.writer.sync(fd));
  assert.deepEqual(
    tickets,
    tickets.map((_, n) => n + 1),
  );
  await desk.answer(tickets.at(-1) as number);
  assert.deepEqual(
    desk.answers.map(({ ticket }) => ticket),
    tickets,
  );
  assert.deepEqual(
    desk.answers.map(({ written, errno }) => [written, errno]),
    [...lines.map((line) => [line.length, 0]), [0, 0]],
  );
  assert.equal(readFileSync(path, 'utf8'), lines.join(''));
});

test('a full disk and an invalid descriptor are an errno of that ticket alone', async (t) => {
  const full = opened(t, '/dev/full', 'w');
  const good = opened(t, join(temporaryDirectory(t), 'log'), APPEND);
  const desk = new Desk(t);
  desk.writer.write(full, Buffer.from('one'));
  desk.writer.write(99_999, Buffer.from('two'));
  desk.writer.sync(99_999);
  await desk.answer(desk.writer.write(good, Buffer.from('three')));
  assert.deepEqual(
    desk.answers.map(({ written, errno }) => [written, errno]),
    [
      [0, ENOSPC],
      [0, EBADF],
      [0, EBADF],
      [5, 0],
    ],
  );
});

test('a pipe whose reader is gone is an errno and not a signal', async (t) => {
  const path = fifo(join(temporaryDirectory(t), 'fifo'));
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = opened(t, path, constants.O_WRONLY | constants.O_NONBLOCK);
  closeSync(reader);
  const desk = new Desk(t);
  assert.deepEqual(await desk.answer(desk.writer.write(fd, Buffer.from('x'))), { ticket: 1, written: 0, errno: EPIPE });
});

test('a pipe that is full says how much it took', async (t) => {
  const path = fifo(join(temporaryDirectory(t), 'fifo'));
  opened(t, path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = opened(t, path, constants.O_WRONLY | constants.O_NONBLOCK);
  const desk = new Desk(t);
  const { written, errno } = await desk.answer(desk.writer.write(fd, Buffer.alloc(1 << 20)));
  assert.equal(errno, EAGAIN);
  assert.ok(written > 0 && written < 1 << 20);
});

test('wait gives up on a stalled write, and reports it once it is done', async (t) => {
  const { fd, read } = stallable(t, join(temporaryDirectory(t), 'fifo'));
  const desk = new Desk(t);
  const ticket = desk.writer.write(fd, Buffer.alloc(65536 + 1));
  const before = performance.now();
  assert.equal(desk.writer.wait(ticket, 30_000), false);
  const waited = performance.now() - before;
  assert.ok(waited >= 29 && waited < 5000, `${waited} ms`);
  assert.deepEqual(desk.answers, []);
  read(4096);
  assert.equal(desk.writer.wait(ticket, 10_000_000), true);
  assert.deepEqual(desk.answers, [{ ticket, written: 65537, errno: 0 }], 'delivered before wait returned');
  assert.equal(desk.writer.wait(ticket, 0), true);
});

test('a handler may write and wait, and answers keep their order', async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  const fd = opened(t, path, APPEND);
  const order: number[] = [];
  const done = Promise.withResolvers<void>();
  const writer = native.openWriter((ticket) => {
    order.push(ticket);
    if (ticket < 50) {
      const next = writer.write(fd, Buffer.from(`${ticket + 1},`));
      assert.equal(writer.wait(next, 10_000_000), true);
    } else {
      done.resolve();
    }
  });
  writer.write(fd, Buffer.from('1,'));
  await done.promise;
  const expected = Array.from({ length: 50 }, (_, n) => n + 1);
  assert.deepEqual(order, expected);
  assert.equal(readFileSync(path, 'utf8'), expected.map((n) => `${n},`).join(''));
  writer.close();
});

test('close lets the thread finish and end, calls no handler, and accepts nothing more', async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  const fd = opened(t, path, APPEND);
  const threads = status('self', 'Threads');
  const desk = new Desk(t);
  let last = 0;
  for (let n = 0; n < 100; n++) {
    last = desk.writer.write(fd, Buffer.from('x'));
  }
  desk.writer.close();
  desk.writer.close();
  assert.throws(() => desk.writer.write(fd, Buffer.from('y')), { code: 'EBADF' });
  await until('the thread is gone', () => status('self', 'Threads') === threads);
  assert.equal(readFileSync(path, 'utf8'), 'x'.repeat(100));
  // The last answers may come from a wait; the loop and its handles are not involved any more.
  assert.equal(desk.writer.wait(last, 0), true);
});

test('a thousand writers come and go and leave no descriptor or thread', async (t) => {
  const threads = status('self', 'Threads');
  const fd = opened(t, '/dev/null', 'w');
  for (let n = 0; n < 1000; n++) {
    const desk = new Desk(t);
    assert.equal(desk.writer.wait(desk.writer.write(fd, Buffer.from('x')), 10_000_000), true);
    desk.writer.close();
  }
  await until('the threads are gone', () => status('self', 'Threads') === threads);
});

test('reads, sizes and closes take the same path, in order', async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT);
  const desk = new Desk(t);
  const into = Buffer.alloc(10);
  desk.writer.write(fd, Buffer.from('one two'));
  desk.writer.read(fd, into, 4);
  desk.writer.read(fd, into.subarray(5), 100);
  desk.writer.status(fd);
  desk.writer.closeFile(fd);
  const last = desk.writer.closeFile(fd);
  await desk.answer(last);
  assert.deepEqual(
    desk.answers.map(({ written, errno }) => [written, errno]),
    [
      [7, 0],
      [3, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, EBADF],
    ],
  );
  assert.equal(into.toString('latin1', 0, 3), 'two');
});

test('an unknown operation, or one without a path, is refused at once', (t) => {
  const desk = new Desk(t);
  for (const wrong of [
    { verb: 'erase', path: '/' },
    { verb: 'open' },
    { path: '/' },
    {},
    { verb: 'open', path: 'a\0b' },
  ]) {
    assert.throws(() => desk.writer.ask(wrong as never), TypeError);
  }
  assert.throws(() => desk.writer.read(0, undefined as never, 0), TypeError);
});
