import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type NativeWriter, native } from '../../src/platform/native.ts';
import { inOwnProcess } from '../terminal-child.ts';

const folder = mkdtempSync(join(tmpdir(), 'hf-writer-'));
const { O_CREAT, O_APPEND, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;
const SECOND = 1_000_000;
/** What a pipe holds. */
const PIPE = 65_536;

interface Answer {
  readonly ticket: number;
  readonly written: number;
  readonly errno: number;
}

/** A writer and everything that it has answered. */
function open(): { writer: NativeWriter; answers: Answer[]; answered: (count: number) => Promise<void> } {
  const answers: Answer[] = [];
  let look: () => void = () => undefined;
  const writer = native.openWriter((ticket, written, errno) => {
    answers.push({ ticket, written, errno });
    look();
  });
  const answered = (count: number) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (answers.length >= count) {
          resolve();
        }
      };
      look();
    });
  return { writer, answers, answered };
}

function fifo(name: string): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

test('all is written, in order, and told once', async () => {
  const { writer, answers, answered } = open();
  const path = join(folder, 'order');
  const fd = openSync(path, O_CREAT | O_APPEND | O_WRONLY);
  const lines = Array.from({ length: 2000 }, (_, i) => `${i} ${'x'.repeat(i % 500)}\n`);
  const tickets = lines.map((line) => writer.write(fd, Buffer.from(line)));
  tickets.push(writer.sync(fd));
  assert.deepEqual(
    tickets,
    Array.from({ length: 2001 }, (_, i) => i + 1),
  );
  assert.equal(answers.length, 0);
  await answered(2001);
  assert.equal(readFileSync(path, 'latin1'), lines.join(''));
  const expected = [...lines.map((line) => line.length), 0];
  assert.deepEqual(
    answers,
    expected.map((written, i) => ({ ticket: i + 1, written, errno: 0 })),
  );
  writer.close();
  closeSync(fd);
});

test('a full disk and a closed file are answers like others, and the next write goes on', async () => {
  const { writer, answers, answered } = open();
  const full = openSync('/dev/full', 'w');
  const good = openSync(join(folder, 'good'), 'w');
  writer.write(full, Buffer.from('lost'));
  writer.sync(999_999);
  writer.write(good, Buffer.from('kept'));
  await answered(3);
  assert.deepEqual(answers, [
    { ticket: 1, written: 0, errno: 28 },
    { ticket: 2, written: 0, errno: 9 },
    { ticket: 3, written: 4, errno: 0 },
  ]);
  writer.close();
  closeSync(full);
  closeSync(good);
});

test('a FIFO that nobody reads takes what it holds, and says how much', async () => {
  const { writer, answers, answered } = open();
  const fd = openSync(fifo('nobody'), O_RDWR | O_NONBLOCK);
  writer.write(fd, Buffer.alloc(100_000));
  await answered(1);
  assert.deepEqual(answers, [{ ticket: 1, written: PIPE, errno: 11 }]);
  writer.close();
  closeSync(fd);
});

test('wait gives up in time while a write stalls, and is true with the answer told when it is done', () => {
  const { writer, answers } = open();
  const path = fifo('stalls');
  const fd = openSync(path, O_RDWR);
  const reader = openSync(path, O_RDWR | O_NONBLOCK);
  const ticket = writer.write(fd, Buffer.alloc(100_000));
  const began = performance.now();
  assert.equal(writer.wait(ticket, 20_000), false);
  const took = performance.now() - began;
  assert.ok(took >= 20 && took < 5000, `${took} ms instead of 20`);
  assert.equal(writer.wait(ticket, 0), false);
  assert.equal(writer.wait(ticket, -1), false);
  assert.equal(writer.wait(ticket, -5 * SECOND), false);
  for (let left = 100_000; left > 0; ) {
    try {
      left -= readSync(reader, Buffer.alloc(left));
    } catch (error) {
      // The thread has not refilled the FIFO yet.
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
  }
  assert.equal(writer.wait(ticket, 10 * SECOND), true);
  assert.deepEqual(answers, [{ ticket: 1, written: 100_000, errno: 0 }]);
  assert.equal(writer.wait(ticket, 0), true);
  writer.close();
  closeSync(fd);
  closeSync(reader);
});

test('a closed writer finishes its queue in silence', async () => {
  const { writer, answers } = open();
  const path = join(folder, 'queue');
  const fd = openSync(path, 'w');
  for (let i = 0; i < 500; i++) {
    writer.write(fd, Buffer.alloc(10_000));
  }
  const last = writer.sync(fd);
  writer.close();
  writer.close();
  assert.equal(writer.wait(last, 30 * SECOND), true);
  assert.equal(statSync(path).size, 5_000_000);
  assert.throws(() => writer.write(fd, Buffer.from('x')), { code: 'EBADF' });
  await new Promise(setImmediate);
  assert.equal(answers.length, 0);
  closeSync(fd);
});

test('writers that are closed leave no thread and no memory', async () => {
  const { stdout } = await inOwnProcess(
    `const turn = () => new Promise(setImmediate);
    const threads = () => fs.readdirSync('/proc/self/task').length;
    const fd = fs.openSync('/dev/null', 'w');
    const before = threads();
    let first = 0;
    for (let i = 0; i < 200; i++) {
      const writer = native.openWriter(() => undefined);
      const ticket = writer.write(fd, new Uint8Array(1 << 20));
      writer.close();
      writer.wait(ticket, 5e6);
      gc();
      await turn();
      if (i === 99) first = process.memoryUsage().arrayBuffers;
    }
    while (threads() > before) await turn();
    gc(); await turn();
    console.log(process.memoryUsage().arrayBuffers - first < 20 << 20);`,
    { flags: ['--expose-gc'] },
  );
  assert.equal(stdout, 'true\n');
});

test('a handler may wait, write, throw and close', async () => {
  const { stdout } = await inOwnProcess(`
    const caught = [], told = [];
    process.on('uncaughtException', (error) => caught.push(error.message));
    const fd = fs.openSync('/dev/null', 'w');
    const writer = native.openWriter((ticket) => {
      told.push(ticket);
      if (ticket === 1) writer.wait(writer.write(fd, new Uint8Array(1)), 5e6);
      if (ticket === 2) throw new Error('in done');
      if (ticket === 3) { writer.close(); console.log(JSON.stringify({ told, caught })); }
    });
    writer.write(fd, new Uint8Array(1));
    writer.write(fd, new Uint8Array(1));`);
  assert.deepEqual(JSON.parse(stdout), { told: [1, 2, 3], caught: ['in done'] });
});

test('an idle writer does not keep a process alive, and a busy one does until it has answered', async () => {
  const { stdout } = await inOwnProcess(`
    const fd = fs.openSync('/dev/null', 'w');
    native.openWriter(() => undefined);
    native.openWriter((ticket) => console.log('told', ticket)).write(fd, new Uint8Array(1 << 20));`);
  assert.equal(stdout, 'told 1\n');
});

test('a process ends although a write of it stalls', async () => {
  const path = fifo('exit');
  const { stdout } = await inOwnProcess(`
    const fd = fs.openSync('${path}', fs.constants.O_RDWR);
    const writer = native.openWriter(() => undefined);
    writer.write(fd, new Uint8Array(1 << 20));
    writer.write(fd, new Uint8Array(1 << 20));
    console.log(writer.wait(1, 10000));
    process.exit(0);`);
  assert.equal(stdout, 'false\n');
});
